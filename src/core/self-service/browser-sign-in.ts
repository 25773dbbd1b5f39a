import type { AccountRow, SessionRow } from '../../store/schema.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { noteSignIn, openSession } from '../sessions/open-session.ts'
import { isProvenNow, methodsOf, type Proof, provenTime } from '../sessions/proof-of-person.ts'
import type { Caller } from '../sessions/sessions.ts'
import { issueTokens } from '../sessions/tokens.ts'
import { finishLogin, type Login, type LoginAnswer } from '../sign-in/hosted-logins.ts'
import { atAccountDoor } from './account-door.ts'
import { endBrowserSession } from './browser-sessions.ts'

/** Somebody is signed in to a browser. */
export interface BrowserSignIn {
  account: AccountRow
  /** The session of the browser. */
  session: SessionRow
  /** What the browser is to keep of it. */
  secret: string
  /** When the person has shown who they are, in epoch milliseconds. */
  provenAt: number
  login: Login
}

/** A login, with the session that its browser has, if it has one, and the path that the login is to be finished at. */
interface BrowserLogin extends LoginAnswer {
  before: Caller | undefined
  completionPath: string
}

/**
 * Finishes a login by signing its browser in, whichever door it is of. A browser that is signed in to the same account
 * keeps its session, with what rests on it, under a new secret; one of another account ends. Throws as `finishLogin`
 * does, and `challenge_invalid` for a login that is to be finished elsewhere.
 */
export async function signInBrowser(
  ctx: Context,
  { before, completionPath, ...answer }: BrowserLogin,
): Promise<BrowserSignIn> {
  const signedIn = await finishLogin(ctx, answer, async (ctx, account, { proof, login }) => {
    if (login.completionPath !== completionPath) throw new AuthError('challenge_invalid')
    const atDoor = { ...ctx, ...atAccountDoor(ctx) }
    const session = (await goOn(atDoor, before, account, proof)) ?? (await begin(atDoor, account, proof))
    const { refreshToken: secret } = issueTokens(atDoor, session, {})
    return { account, session, secret, provenAt: provenTime(proof, session, ctx.now()), login }
  })
  // The browser forgets that one, and nobody could sign it out any more.
  if (before && before.session.id !== signedIn.session.id)
    await endBrowserSession({ ...ctx, ...atAccountDoor(ctx) }, before)
  return signedIn
}

async function begin(ctx: Context, account: AccountRow, proof: Proof): Promise<SessionRow> {
  // Of a session that has ended meanwhile nothing follows.
  if (proof.first === 'browser_session') throw new AuthError('challenge_invalid')
  return (await openSession(ctx, account, proof)).session
}

/** The session that the browser has, with what was shown now; `undefined` where it has none of the account. */
async function goOn(
  ctx: Context,
  before: Caller | undefined,
  account: AccountRow,
  proof: Proof,
): Promise<SessionRow | undefined> {
  if (before?.account.id !== account.id) return undefined
  const now = ctx.now()
  const session = await ctx.store.sessions.liveById(before.session.id, ctx.door.dialect, now)
  if (!session || proof.first === 'browser_session') return session
  const methods = new Set([...JSON.parse(session.methods ?? '[]'), ...methodsOf(proof)])
  await ctx.store.sessions.noteShown(session.id, {
    methods: JSON.stringify([...methods]),
    ...(isProvenNow(proof) && { proven_at: now }),
    ...(proof.second && { second_factor_at: proof.second.at }),
  })
  await noteSignIn(ctx, session, proof)
  return renewSecret(ctx, session, before)
}

/** A new secret at each sign-in, so that nobody can have planted it (session fixation). */
function renewSecret(
  ctx: Context,
  { id, generation }: SessionRow,
  before: Caller,
): Promise<SessionRow | undefined> {
  const { dialect, idleLifetime } = ctx.door
  const now = ctx.now()
  const use = { dialect, generation, now, idleExpiresAt: now + idleLifetime * 1000 }
  // Where two tabs sign in at once, both answers are to leave the same secret.
  if (generation !== before.session.generation) return ctx.store.sessions.extend(id, use)
  return ctx.store.sessions.rotate(id, { ...use, masterKeyId: ctx.secrets.primaryId })
}
