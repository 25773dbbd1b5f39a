import { contract } from './contract.ts'
import type { DialectUnderTest } from './dialect-under-test.ts'

/** What the test of a door from outside is made of: `manydoors/contract` (docs/dialects.md). */

export {
  type Answer,
  claimsOf,
  freshEmail,
  mailCausedBy,
  queryOf,
  type TestServer,
} from '../harness/harness.ts'
export type {
  DialectUnderTest,
  Recovery,
  Refreshing,
  RouteUnderTest,
  TokenAnswer,
} from './dialect-under-test.ts'
export { openAccount, openSession, sharedAccount, signInShared } from './support.ts'

/** Declares the tests of what every door owes for the dialect of a module, alone in its realm. */
export function contractOf(module: string, adapter: DialectUnderTest): void {
  const { name } = adapter
  const settings = { dialects: { [name]: { module } }, realms: { main: { dialects: { [name]: {} } } } }
  // JSON is YAML.
  contract(adapter, { yaml: JSON.stringify(settings) })
}
