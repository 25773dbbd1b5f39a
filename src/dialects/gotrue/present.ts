import { v5 as uuidOf } from 'uuid'
import type { Account } from '../../core/accounts/account.ts'
import { foldEmail } from '../../core/accounts/emails.ts'
import { withOwnNames } from '../../core/accounts/proven-names.ts'
import type { Context } from '../../core/context.ts'
import type { Factor } from '../../core/factors/held.ts'
import type { Tokens } from '../../core/sessions/tokens.ts'
import { presentFactor } from './present-factor.ts'

/** What the wire shows of an account. */
export type ShownAccount = Pick<
  Account,
  | 'id'
  | 'email'
  | 'email_verified_at'
  | 'phone'
  | 'phone_verified_at'
  | 'profile'
  | 'attributes'
  | 'last_sign_in_at'
  | 'signed_up_through'
  | 'invited_at'
  | 'disabled_at'
  | 'disabled_until'
  | 'created_at'
  | 'updated_at'
>

/** An account on the wire. Where the address of a sign-up counts without a proof, it counts as confirmed since the account is there. */
export function presentUser(
  account: ShownAccount,
  { autoconfirm = false }: { autoconfirm?: boolean },
  factors: Factor[] = [],
) {
  const { id, email, email_verified_at, phone_verified_at, created_at, updated_at } = account
  const isConfirmed = autoconfirm && email !== null && isSignUp(account)
  const emailConfirmed = email_verified_at ?? (isConfirmed ? created_at : null)
  const confirmed = [emailConfirmed, phone_verified_at].filter((time) => time !== null)
  return {
    id,
    aud: 'authenticated',
    role: 'authenticated',
    email: email ?? '',
    phone: phoneText(account),
    ...timesOf({
      email_confirmed_at: emailConfirmed,
      phone_confirmed_at: phone_verified_at,
      confirmed_at: confirmed.length > 0 ? Math.min(...confirmed) : null,
      invited_at: account.invited_at,
      last_sign_in_at: account.last_sign_in_at,
      banned_until: bannedUntil(account),
    }),
    app_metadata: appMetadata(account),
    user_metadata: userMetadata(account),
    ...(factors.length > 0 && { factors: factors.map(presentFactor) }),
    identities: identitiesOf(account),
    created_at: timeText(created_at),
    updated_at: timeText(updated_at),
    is_anonymous: false,
  }
}

/**
 * The account as apps may rely on it: without an address that nobody has proven where a number is, nor the other way round,
 * as that may be somebody else's. Where addresses count without a proof, it is as it is.
 */
export function withProvenNames(
  account: Account,
  { autoconfirm = false }: { autoconfirm?: boolean },
): Account {
  return autoconfirm ? account : withOwnNames(account)
}

/** The account that nobody has opened, for whoever asks for an address that is taken: nothing tells it from a new one. */
export function inventUser(
  ctx: Context,
  { email, profile = {} }: { email: string; profile?: Record<string, unknown> },
  { isTaken }: { isTaken: boolean },
): object {
  const now = ctx.now()
  const nobody = {
    phone: null,
    email_verified_at: null,
    phone_verified_at: null,
    last_sign_in_at: null,
    invited_at: null,
    disabled_at: null,
    disabled_until: null,
  }
  const user = presentUser(
    {
      ...nobody,
      id: ctx.newId(),
      email: foldEmail(email),
      profile: JSON.stringify(profile),
      attributes: null,
      signed_up_through: ctx.door.dialect,
      created_at: now,
      updated_at: now,
    },
    {},
  )
  return isTaken ? { ...user, role: '', identities: [] } : user
}

/** The session of contracts/gotrue.md; `user` is its account. */
export function presentSession<User>(tokens: Tokens, user: User) {
  return {
    access_token: tokens.accessToken,
    token_type: 'bearer',
    expires_in: (tokens.accessExpiresAt - tokens.issuedAt) / 1000,
    expires_at: tokens.accessExpiresAt / 1000,
    refresh_token: tokens.refreshToken,
    user,
  }
}

/** A number as the client knows it: without the plus sign. */
export function phoneText({ phone }: Pick<Account, 'phone'>): string {
  return phone?.replace('+', '') ?? ''
}

/** What the person may not write. */
export function appMetadata({ attributes }: Pick<Account, 'attributes'>): Record<string, unknown> {
  return { ...JSON.parse(attributes ?? '{}'), provider: 'email', providers: ['email'] }
}

/** What the person says of themselves, and with sign-ups what is known of them besides. */
export function userMetadata(account: ShownAccount): Record<string, unknown> {
  return { ...JSON.parse(account.profile), ...(isSignUp(account) && identityData(account)) }
}

/** Whether the person has opened the account, and no service or operator. */
function isSignUp({ signed_up_through }: ShownAccount): boolean {
  return signed_up_through !== null
}

/** The last moment that the client can read: of whoever is banned until somebody ends that. */
const never = Date.UTC(9999, 11, 31, 23, 59, 59)

function bannedUntil({ disabled_at, disabled_until }: ShownAccount): number | null {
  return disabled_at === null ? null : (disabled_until ?? never)
}

function identityData({ id, email, email_verified_at, phone_verified_at }: ShownAccount) {
  return {
    sub: id,
    ...(email !== null && { email }),
    email_verified: email_verified_at !== null,
    phone_verified: phone_verified_at !== null,
  }
}

/** Of the ids that identities have: each is made of that of its account. */
const namespace = '6f2c9c62-1f4b-5b0e-9d38-52a0b7f6d1c4'

function identitiesOf(account: ShownAccount) {
  const { id, email, created_at, updated_at, last_sign_in_at } = account
  if (email === null) return []
  return [
    {
      identity_id: uuidOf(id, namespace),
      id,
      user_id: id,
      provider: 'email',
      identity_data: identityData(account),
      email,
      created_at: timeText(created_at),
      updated_at: timeText(updated_at),
      ...timesOf({ last_sign_in_at }),
    },
  ]
}

/** Times in RFC 3339, but for those that have not come. */
function timesOf<Name extends string>(times: Record<Name, number | null>): Partial<Record<Name, string>> {
  const come = Object.entries<number | null>(times).flatMap(([name, time]) =>
    time === null ? [] : [[name, timeText(time)]],
  )
  return Object.fromEntries(come)
}

function timeText(time: number): string {
  return new Date(time).toISOString()
}
