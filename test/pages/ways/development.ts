import { register } from '../../dialects/pm2/door.ts'
import type { TestServer } from '../../harness/harness.ts'
import { open, type Ways } from './ways.ts'

/** Ways to the pages of development. */
export function waysToDevelopment(server: TestServer): Ways<'dev-home' | 'dev-mailbox'> {
  return {
    'dev-home': { 'as it is opened': (page) => open(server, page, '/') },
    'dev-mailbox': {
      'as it is opened': async (page) => {
        await register(server)
        await open(server, page, '/dev/mailbox')
      },
    },
  }
}
