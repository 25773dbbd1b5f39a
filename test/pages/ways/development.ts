import type { Page } from 'playwright-core'
import { register } from '../../dialects/pm2/door.ts'
import type { TestServer } from '../../harness/harness.ts'
import { open, type Ways } from './ways.ts'

/** Ways to the pages of development. */
export function waysToDevelopment(server: TestServer): Ways<'dev-home' | 'dev-mailbox' | 'dev-openapi'> {
  const registerAndOpen = async (page: Page, search: (email: string) => string) => {
    const { email } = await register(server)
    await server.mail(email, /./)
    await open(server, page, `/dev/mailbox?${search(email)}`)
  }
  return {
    'dev-home': { 'as it is opened': (page) => open(server, page, '/') },
    'dev-mailbox': {
      'as it is opened': (page) => registerAndOpen(page, () => ''),
      'with a message opened': async (page) => {
        await registerAndOpen(page, (email) => `to=${email}`)
        await page.locator('.mailbox > nav a, .back a').filter({ visible: true }).first().click()
      },
      'with a message as text': (page) => registerAndOpen(page, (email) => `to=${email}&as=text`),
      'with nothing found': (page) => registerAndOpen(page, () => 'to=nobody'),
    },
    'dev-openapi': { 'as it is opened': (page) => open(server, page, '/openapi/vastly') },
  }
}
