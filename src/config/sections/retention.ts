import { defaultRetention } from '../../core/audit/retention.ts'
import { duration, optionalSection } from '../setting-types.ts'

const { audit, sessions, tickets, doneJobs, deadJobs, pendingSecondFactors, webhookDeliveries } =
  defaultRetention

/** `retention` in the settings file. */
export const retentionSection = optionalSection('How long what is over is kept. See docs/accounts.md', {
  audit: kept('1d', audit, 'Rows of the audit trail'),
  sessions: kept('1d', sessions, 'Sessions that have ended or expired'),
  tickets: kept('2d', tickets, 'Links and codes that have expired'),
  doneJobs: kept('1h', doneJobs, 'Messages that were sent'),
  deadJobs: kept('1d', deadJobs, 'Messages that were given up'),
  pendingSecondFactors: kept('1h', pendingSecondFactors, 'Second factors that were never confirmed'),
  webhookDeliveries: kept('4d', webhookDeliveries, 'What endpoints of webhooks were told'),
})

function kept(min: string, defaultSeconds: number, what: string) {
  return duration({ min, max: '3650d' })
    .optional()
    .describe(`${what} (${defaultSeconds / 86_400}d)`)
}
