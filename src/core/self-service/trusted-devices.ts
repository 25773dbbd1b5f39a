import { createHash } from 'node:crypto'
import type { TrustedDeviceRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Context, RealmContext } from '../context.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'

/** How long a browser is not asked for the second factor. */
export const trustLifetimeSeconds = 30 * 24 * 60 * 60

/** Browsers that an account trusts at a time; the oldest go. */
const maxPerAccount = 20

const secretBytes = 32

/** The device that an account trusts and that keeps one of these secrets; `undefined` for none, or none any more. */
export async function findTrustedDevice(
  ctx: RealmContext,
  accountId: string,
  secrets: string[],
): Promise<TrustedDeviceRow | undefined> {
  if (secrets.length === 0) return undefined
  return ctx.store.trustedDevices.find(accountId, secrets.map(hashSecret), ctx.now())
}

/**
 * Has the browser that shows a second factor right now not be asked for it for 30 days, and returns the secret that it is
 * to keep beside those that it keeps already. Part of a transaction that holds the account's row.
 */
export async function trustDevice(ctx: Context, accountId: string, kept: string[]): Promise<string> {
  const now = ctx.now()
  const { ip, device } = ctx.origin
  const secret = ctx.randomBytes(secretBytes).toString('base64url')
  if (kept.length > 0) await ctx.store.trustedDevices.removeHashes(accountId, kept.map(hashSecret))
  const trusted = {
    id: ctx.newId(),
    account_id: accountId,
    hash: hashSecret(secret),
    device: device ? JSON.stringify(device) : null,
    ip,
    created_at: now,
    expires_at: now + trustLifetimeSeconds * 1000,
  }
  await ctx.store.trustedDevices.add(trusted, maxPerAccount)
  await recordEvent(ctx, 'trusted_device.added', { accountId })
  return secret
}

/** A browser that the caller's account trusts. */
export interface ListedDevice {
  trusted: TrustedDeviceRow
  /** It is the one that asks. */
  isHere: boolean
}

/** The devices that the caller's account trusts, newest first; `secrets` are those of the browser that asks. */
export async function listTrustedDevices(
  ctx: Context,
  { account }: Caller,
  secrets: string[],
): Promise<ListedDevice[]> {
  const hashes = secrets.map(hashSecret)
  const devices = await ctx.store.trustedDevices.list(account.id, ctx.now())
  return devices.map((trusted) => ({ trusted, isHere: hashes.includes(trusted.hash) }))
}

/**
 * Has one device of the caller be asked for the second factor again; nothing happens where it is asked already. Throws
 * `access_invalid` when the caller's session has ended meanwhile.
 */
export function removeTrustedDevice(ctx: Context, caller: Caller, id: string): Promise<void> {
  const accountId = caller.account.id
  return asCaller(ctx, caller, async (ctx) => {
    if (!(await ctx.store.trustedDevices.remove(accountId, id))) return
    await recordEvent(ctx, 'trusted_device.removed', { accountId, sessionId: caller.session.id })
  })
}

/** Has every device of the caller be asked for the second factor again. Throws as `removeTrustedDevice` does. */
export function removeTrustedDevices(ctx: Context, caller: Caller): Promise<void> {
  const accountId = caller.account.id
  return asCaller(ctx, caller, async (ctx) => {
    if ((await ctx.store.trustedDevices.removeAll(accountId)) === 0) return
    await recordEvent(ctx, 'trusted_device.removed', {
      accountId,
      sessionId: caller.session.id,
      detail: 'all',
    })
  })
}

/** A secret of 256 bits needs no salt: there is nothing to guess. */
function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}
