import { accountOperations } from './accounts/accounts.ts'
import { auditOperations } from './audit/audit.ts'
import { clientOperations } from './clients/clients.ts'
import { healthOperations } from './health/health.ts'
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
import { settingOperations } from './settings/all.ts'
import { switchingOperations } from './switching/switching.ts'
import { deliveryOperations } from './webhooks/deliveries.ts'
import { endpointOperations } from './webhooks/webhooks.ts'

/** Everything that operators can see or do. */
export const operations: Operation[] = [
  ...accountOperations,
  ...sessionOperations,
  ...messageOperations,
  ...endpointOperations,
  ...deliveryOperations,
  ...auditOperations,
  ...overviewOperations,
  ...clientOperations,
  ...realmOperations,
  ...doorOperations,
  ...limitOperations,
  ...blockOperations,
  ...settingOperations,
  ...healthOperations,
  ...switchingOperations,
  ...keyOperations,
  ...operatorOperations,
  ...tokenOperations,
] as Operation[]
