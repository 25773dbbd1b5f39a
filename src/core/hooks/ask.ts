import { recordEvent, recordRefusal } from '../audit/audit.ts'
import type { AuditEvent } from '../audit/audit-event.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import type { Hook, HookQuestion } from './hook.ts'
import type { Permit } from './permit.ts'
import type { HookName } from './settings.ts'

/** When to come again while a hook does not answer. */
const retryAfterSeconds = 5

/** What a refusal is written down as. */
interface Asked {
  name: HookName
  event: AuditEvent
  accountId?: string
  subject?: string
}

/**
 * Asks a hook, and does what it says: `undefined` where there is no answer and the operator lets everybody in then. Writes
 * a refusal and a failure into the trail. Throws what the hook refuses with, and `unavailable` where there is no answer.
 */
export async function askHook(
  ctx: Context,
  hook: Hook,
  { name, event, ...entry }: Asked,
  question: HookQuestion,
): Promise<Permit | undefined> {
  const answer = await hook.ask(question)
  if (answer.decision === 'allow') return answer.claims ? { claims: answer.claims } : {}
  if (answer.decision === 'refuse') {
    await recordRefusal(ctx, event, { ...entry, detail: 'hook' })
    throw new AuthError(answer.code, answer.code === 'unavailable' ? { retryAfter: retryAfterSeconds } : {})
  }
  const failed = { ...entry, detail: `${name} ${answer.why}` }
  if (hook.onFailure === 'allow') {
    await recordEvent(ctx, 'hook.failed', failed)
    return undefined
  }
  await recordRefusal(ctx, 'hook.failed', failed)
  throw new AuthError('unavailable', { retryAfter: retryAfterSeconds })
}
