import type { AccountRow, JobRow } from '../../store/schema.ts'
import type { MessageState } from '../../store/tables/lists/messages.ts'
import type { RealmContext } from '../context.ts'
import type { JobKind, webhookJob } from '../jobs.ts'
import { type Page, type Place, readPage } from '../lists/pages.ts'
import { maskEmail, maskPhone } from '../text/masked-names.ts'

/** Every kind of message, in the order of the alphabet; a kind that is missing does not compile. */
export const messageKinds = Object.keys({
  'account-exists-mail': true,
  'account-taken-over-mail': true,
  'activate-account-mail': true,
  'email-change-again': true,
  'email-change-half-mail': true,
  'email-change-mail': true,
  'invitation-mail': true,
  'name-notice-mail': true,
  'openid-logout': true,
  'password-changed-mail': true,
  'phone-change-again': true,
  'phone-change-new-sms': true,
  'phone-change-sms': true,
  'phone-changed-sms': true,
  'recovery-code-used-mail': true,
  'reauthentication-mail': true,
  'reset-code-sms': true,
  'reset-password-mail': true,
  'second-factor-removed-mail': true,
  'second-factor-set-mail': true,
  'security-mail': true,
  'session-reuse-mail': true,
  'sign-in-mail': true,
  'sign-in-sms': true,
  'verify-email-mail': true,
} satisfies Record<Exclude<JobKind, typeof webhookJob>, true>) as JobKind[]

/** Whom a message is for, as far as its payload says. */
interface Payload {
  accountId?: string
  email?: string
  phone?: string
  clientId?: string
  notice?: string
}

/** A message as a list shows it: nothing of what it says, and its recipient so that only who knows it recognizes it. */
export interface ListedMessage {
  id: string
  kind: string
  /** Which security notice it is. */
  notice?: string
  state: MessageState
  /** Masked; a client's id for what goes to an app. None where the account has no such address any more. */
  to?: string
  accountId?: string
  attempts: number
  /** What the other side or the network has answered last. */
  lastError?: string
  /** In epoch milliseconds. */
  createdAt: number
  /** Of one that waits. */
  nextTryAt?: number
  sentAt?: number
  givenUpAt?: number
}

/** A page of the messages in a state, newest first, but of those that wait the next one first. Throws `validation_failed`. */
export async function listMessages(
  ctx: RealmContext,
  { state, kind, ...place }: Place & { state: MessageState; kind?: string },
): Promise<Page<ListedMessage>> {
  const now = ctx.now()
  const page = await readPage<[number, string], JobRow>(place, {
    shape: [0, ''],
    partsOf: (job) => [ctx.store.lists.messageTime(job, state), job.id],
    read: async ({ from, isUp, max }) => {
      const position = from && { time: from[0], id: from[1] }
      const query = { state, kind, now, from: position, isUp, max }
      const { rows, stoppedAt } = await ctx.store.lists.messages(query)
      return { items: rows, stoppedAt: stoppedAt && [stoppedAt.time, stoppedAt.id] }
    },
  })
  return { ...page, items: await present(ctx, page.items) }
}

/** Messages as lists show them. */
export async function present(ctx: RealmContext, jobs: JobRow[]): Promise<ListedMessage[]> {
  const payloads = jobs.map(({ payload }) => JSON.parse(payload) as Payload)
  const ids = [...new Set(payloads.flatMap(({ accountId }) => accountId ?? []))]
  const accounts = ids.length === 0 ? [] : await ctx.store.accounts.byIds(ids)
  const byId = new Map(accounts.map((account) => [account.id, account]))
  return jobs.map((job, index) => {
    const payload = payloads[index] ?? {}
    const to = recipientOf(payload, byId.get(payload.accountId ?? ''))
    return {
      id: job.id,
      kind: job.kind,
      notice: payload.notice,
      state: stateOf(job, ctx.now()),
      to: to && masked(to),
      accountId: payload.accountId,
      attempts: job.attempts,
      lastError: job.last_error ?? undefined,
      createdAt: job.created_at,
      nextTryAt: job.done_at === null && job.dead_at === null ? job.run_at : undefined,
      sentAt: job.done_at ?? undefined,
      givenUpAt: job.dead_at ?? undefined,
    }
  })
}

function stateOf(job: JobRow, now: number): MessageState {
  if (job.done_at !== null) return 'sent'
  if (job.dead_at !== null) return 'given-up'
  return (job.leased_until ?? 0) > now ? 'running' : 'waiting'
}

/** Where a message goes: to a name of its own, or to what its account is called now. */
export function recipientOf(
  { email, phone, clientId, accountId }: Payload,
  account: AccountRow | undefined,
): string | undefined {
  return email ?? phone ?? (accountId === undefined ? clientId : (account?.email ?? undefined))
}

function masked(to: string): string {
  if (to.includes('@')) return maskEmail(to)
  return to.startsWith('+') ? maskPhone(to) : to
}
