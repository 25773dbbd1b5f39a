import type { PageName } from '../../../src/pages/samples.ts'
import type { TestServer } from '../../harness/harness.ts'
import type { ToldProvider } from '../../upstream-sign-in/told-provider.ts'
import { waysToAccountPages } from './account.ts'
import { waysToDevelopment } from './development.ts'
import { waysToHostedPages } from './hosted.ts'
import { waysToOpenidPages } from './openid.ts'
import { waysWithProvider } from './provider.ts'
import { waysToSecurityPages } from './security.ts'
import type { Ways } from './ways.ts'

/**
 * Ways to every page, and to every state of it; people of the server sign in with that provider, too. One that is missing
 * does not compile.
 */
export function waysToEveryPage(server: TestServer, provider: ToldProvider): Ways<PageName> {
  return {
    ...waysToHostedPages(server),
    ...waysWithProvider(server, provider),
    ...waysToAccountPages(server),
    ...waysToSecurityPages(server),
    ...waysToOpenidPages(server),
    ...waysToDevelopment(server),
  }
}
