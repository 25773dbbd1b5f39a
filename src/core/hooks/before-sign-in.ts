import type { AccountRow, SessionRow } from '../../store/schema.ts'
import type { Context } from '../context.ts'
import { openidDoor } from '../openid/door.ts'
import { accountDoor } from '../self-service/account-door.ts'
import { isOnNewDevice } from '../sessions/new-devices.ts'
import { methodsOf, type Proof } from '../sessions/proof-of-person.ts'
import { askHook } from './ask.ts'
import type { HookAccount, HookQuestion } from './hook.ts'
import { type Permit, unasked } from './permit.ts'

/** Doors whose logins open the session of a browser; an app of OpenID Connect gets its own after that. */
const browserDoors = [openidDoor.dialect, accountDoor.dialect]

/** An account that is made with the sign-in, of which a name is known that is proven. */
type Newcomer = { email: string } | { phone: string }

/**
 * Asks before somebody is signed in who has shown all that the account asks for, and before anything is written of it:
 * once for each session that opens. Never part of a transaction. Throws what the hook refuses with, and `unavailable` where
 * it does not answer and nobody is let in then.
 */
export function permitSignIn(
  ctx: Context,
  account: AccountRow | Newcomer,
  shown: Pick<Proof, 'first' | 'purpose' | 'second'>,
): Promise<Permit> {
  if (!ctx.hooks.beforeSignIn) return Promise.resolve(unasked)
  const { ip, userAgent = null } = ctx.origin
  const session = opensBrowser(ctx) ? 'browser' : 'app'
  return ask(ctx, account, { session, ip, userAgent, methods: methodsOf(shown) })
}

/** Whether what somebody signs in to is their browser, and not yet an app. */
export function opensBrowser({ door }: Pick<Context, 'door'>): boolean {
  return browserDoors.includes(door.dialect)
}

/**
 * Asks before an app of OpenID Connect gets a session for somebody who is signed in to a browser, as `permitSignIn` does. The
 * person is where the browser is, and not where the app fetches its tokens from.
 */
export function permitApp(
  ctx: Context,
  account: AccountRow,
  { methods = [], browser }: { methods?: string[]; browser: SessionRow | undefined },
): Promise<Permit> {
  if (!ctx.hooks.beforeSignIn) return Promise.resolve(unasked)
  const { ip = null, user_agent: userAgent = null } = browser ?? {}
  return ask(ctx, account, { session: 'app', ip, userAgent, methods, isNewDevice: false })
}

type Way = Pick<HookQuestion, 'session' | 'ip' | 'userAgent' | 'methods' | 'isNewDevice'>

async function ask(ctx: Context, account: AccountRow | Newcomer, way: Way): Promise<Permit> {
  const { beforeSignIn: hook } = ctx.hooks
  if (!hook) return unasked
  const accountId = 'id' in account ? account.id : undefined
  const isNewDevice = accountId !== undefined && (await isOnNewDevice(ctx, accountId))
  const question: HookQuestion = {
    realm: ctx.realm.name,
    door: ctx.door.dialect,
    client: ctx.client.id,
    account: 'id' in account ? presentAccount(account) : presentNewcomer(account),
    isNewDevice,
    ...way,
  }
  const asked = { name: 'beforeSignIn', event: 'sign_in', accountId } as const
  return (await askHook(ctx, hook, asked, question)) ?? unasked
}

function presentAccount(account: AccountRow): HookAccount {
  const { id, email, email_verified_at, username, phone, phone_verified_at } = account
  return {
    id,
    email,
    emailVerified: email_verified_at !== null,
    username,
    phone,
    phoneVerified: phone_verified_at !== null,
  }
}

function presentNewcomer(newcomer: Newcomer): HookAccount {
  const nobody = {
    id: null,
    email: null,
    emailVerified: false,
    username: null,
    phone: null,
    phoneVerified: false,
  }
  return 'email' in newcomer
    ? { ...nobody, email: newcomer.email, emailVerified: true }
    : { ...nobody, phone: newcomer.phone, phoneVerified: true }
}
