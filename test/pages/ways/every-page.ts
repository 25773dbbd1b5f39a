import type { PageName } from '../../../src/pages/samples.ts'
import type { TestServer } from '../../harness/harness.ts'
import { waysToAccountPages } from './account.ts'
import { waysToDevelopment } from './development.ts'
import { waysToHostedPages } from './hosted.ts'
import { waysToOpenidPages } from './openid.ts'
import { waysToSecurityPages } from './security.ts'
import type { Ways } from './ways.ts'

/** Ways to every page, and to every state of it. One that is missing does not compile. */
export function waysToEveryPage(server: TestServer): Ways<PageName> {
  return {
    ...waysToHostedPages(server),
    ...waysToAccountPages(server),
    ...waysToSecurityPages(server),
    ...waysToOpenidPages(server),
    ...waysToDevelopment(server),
  }
}
