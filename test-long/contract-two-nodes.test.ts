import { describe } from 'node:test'
import { contractOnTwoNodes } from '../test/contract/contract.ts'
import { adapters } from '../test/dialects/adapters.ts'

// Most of the time goes into hashing passwords: the dialects side by side use all cores.
describe('behind a proxy that gives each request to the next of two nodes', { concurrency: true }, () => {
  for (const dialect of adapters) contractOnTwoNodes(dialect)
})
