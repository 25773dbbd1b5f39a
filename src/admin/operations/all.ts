import { accountOperations } from './accounts/accounts.ts'
import { auditOperations } from './audit/audit.ts'
import { clientOperations } from './clients/clients.ts'
import { keyOperations } from './keys/keys.ts'
import { blockOperations } from './limits/blocks.ts'
import { limitOperations } from './limits/limits.ts'
import { messageOperations } from './messages/messages.ts'
import type { Operation } from './operation.ts'
import { operatorOperations } from './operators/operators.ts'
import { tokenOperations } from './operators/tokens.ts'
import { doorOperations } from './overview/doors.ts'
import { overviewOperations } from './overview/overview.ts'
import { realmOperations } from './realms/realms.ts'
import { sessionOperations } from './sessions/sessions.ts'

/** Everything that operators can see or do. */
export const operations: Operation[] = [
  ...accountOperations,
  ...sessionOperations,
  ...messageOperations,
  ...auditOperations,
  ...overviewOperations,
  ...clientOperations,
  ...realmOperations,
  ...doorOperations,
  ...limitOperations,
  ...blockOperations,
  ...keyOperations,
  ...operatorOperations,
  ...tokenOperations,
] as Operation[]
