import type { Operation } from './operation.ts'
import { operatorOperations } from './operators/operators.ts'
import { tokenOperations } from './operators/tokens.ts'

/** Everything that operators can see or do. */
export const operations: Operation[] = [...operatorOperations, ...tokenOperations] as Operation[]
