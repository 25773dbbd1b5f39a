import type { AccountRow } from '../../store/schema.ts'
import { findAccount } from '../accounts/find.ts'
import type { RequestContext } from '../context.ts'
import { lettersAndDigits, randomText } from '../keys/random-text.ts'
import { isRightPassword, isTypable } from '../passwords/forms.ts'
import { isProvoked, oldServerNow, troubleOf } from './asking.ts'
import type { DoorsOldServer } from './old-server.ts'
import { judgeAgain, settle } from './settle.ts'
import type { Judged, Verdict } from './verdict.ts'

/**
 * Whose password it is: by the hash that is kept here, or else by the old server of the door, if that knows the account. It
 * takes as long for every name whose password is not right here. Throws `overloaded`, and `unavailable` while nothing is
 * known because the old server cannot be asked.
 */
export async function judgeWithOldServer(ctx: RequestContext, judged: Judged): Promise<Verdict> {
  const { account, password, name, isJudged } = judged
  const hash = account?.password_hash
  if (await isRightPassword(ctx, password, { hash, name, isJudged })) return { owner: account }
  // A text that nobody can have typed is sent nowhere, whoever it is said to be of.
  const server = isTypable(password) ? await oldServerNow(ctx) : undefined
  return server ? askOldServer(ctx, server, judged) : judgeIfSettled(ctx, judged)
}

/**
 * Whose password it is where the account was the last one that waited for the old server, and another request has been
 * quicker. Everybody at such a door is looked for again, so that it takes as long for every name.
 */
async function judgeIfSettled(ctx: RequestContext, judged: Judged): Promise<Verdict> {
  if (!ctx.oldServers.has(ctx.door?.dialect ?? '')) return {}
  const account = await findAccount(ctx, judged.identifier)
  const isSettled = judged.isJudged && judged.account?.password_hash === null && account?.password_hash
  return isSettled ? judgeAgain(ctx, judged) : {}
}

async function askOldServer(ctx: RequestContext, server: DoorsOldServer, judged: Judged): Promise<Verdict> {
  const { identifier, account, password, isJudged } = judged
  const isMeant = isJudged && isKnownThere(ctx, server, account)
  const answer = await server.checkPassword({
    identifier,
    password: isMeant ? password : standInFor(ctx, password),
    address: ctx.origin.ip,
  })
  const trouble = troubleOf(answer)
  // Nobody who is here already, or has no attempts left, is to notice that it is in trouble.
  if (!trouble) return isMeant && answer.outcome === 'right' ? settle(ctx, judged, answer) : {}
  if (!isJudged || account?.password_hash) return {}
  // It stays counted: else whoever finds what the old server does not understand could ask without end.
  if (isProvoked(answer)) return { refusal: trouble }
  throw trouble
}

/** Whether the old server is asked for the account's password, or only for the time that it takes. */
function isKnownThere(ctx: RequestContext, server: DoorsOldServer, account: AccountRow | undefined): boolean {
  if (!account) return server.verify === 'unknown'
  if (account.disabled_at !== null) return false
  if (account.password_hash === null) return account.password_pending === ctx.door?.dialect
  return server.authority === 'old' && account.password_kind !== null
}

/**
 * Nobody's password that takes as long to send: the old server need not know what is typed by those whom it is not asked
 * about, and opens no session.
 */
function standInFor(ctx: RequestContext, password: string): string {
  // What cannot be sent is not sent in either case.
  return password.includes('\0') ? password : randomText(ctx, lettersAndDigits, password.length)
}
