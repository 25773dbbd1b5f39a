import { accountOperations } from './accounts/accounts.ts'
import { auditOperations } from './audit/audit.ts'
import { messageOperations } from './messages/messages.ts'
import type { Operation } from './operation.ts'
import { operatorOperations } from './operators/operators.ts'
import { tokenOperations } from './operators/tokens.ts'
import { sessionOperations } from './sessions/sessions.ts'

/** Everything that operators can see or do. */
export const operations: Operation[] = [
  ...accountOperations,
  ...sessionOperations,
  ...messageOperations,
  ...auditOperations,
  ...operatorOperations,
  ...tokenOperations,
] as Operation[]
