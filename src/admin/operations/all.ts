import { healthOperations } from './health/health.ts'
import type { Operation } from './operation.ts'
import { operatorOperations } from './operators/operators.ts'
import { tokenOperations } from './operators/tokens.ts'
import { settingOperations } from './settings/all.ts'
import { switchingOperations } from './switching/switching.ts'

/** Everything that operators can see or do. */
export const operations: Operation[] = [
  ...settingOperations,
  ...healthOperations,
  ...switchingOperations,
  ...operatorOperations,
  ...tokenOperations,
] as Operation[]
