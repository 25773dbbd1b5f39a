import { clientOperations } from './clients/clients.ts'
import { keyOperations } from './keys/keys.ts'
import type { Operation } from './operation.ts'
import { operatorOperations } from './operators/operators.ts'
import { tokenOperations } from './operators/tokens.ts'
import { realmOperations } from './realms/realms.ts'

/** Everything that operators can see or do. */
export const operations: Operation[] = [
  ...clientOperations,
  ...realmOperations,
  ...keyOperations,
  ...operatorOperations,
  ...tokenOperations,
] as Operation[]
