import { type Context, type RealmContext, transaction } from '../context.ts'
import { randomText } from '../keys/random-text.ts'
import { withoutBlanks } from './authenticator.ts'
import { noteRecoveryCode } from './second-factor-changes.ts'

const codeCount = 10
const codeLength = 12
/** Without the letters and digits that are read for one another. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Recovery codes for an account, not kept yet. */
export function makeRecoveryCodes(ctx: RealmContext): string[] {
  return Array.from({ length: codeCount }, () => randomText(ctx, alphabet, codeLength))
}

/** Replaces an account's recovery codes, of which hashes are kept. Part of a transaction. */
export async function replaceRecoveryCodes(
  ctx: RealmContext,
  accountId: string,
  codes: string[],
): Promise<void> {
  const hashes = hashRecoveryCodes(ctx, accountId, codes)
  await ctx.store.recoveryCodes.replace(accountId, { hashes, keyId: ctx.secrets.primaryId }, ctx.now())
}

/** What is kept of the recovery codes of an account, under the primary master key. */
export function hashRecoveryCodes(ctx: RealmContext, accountId: string, codes: string[]): string[] {
  return codes.map((code) => asText(ctx.secrets.mac('recovery-code', messageOf(accountId, code))))
}

/** A recovery code as it is compared. */
export function writtenCode(code: string): string {
  return withoutBlanks(code).toLowerCase().replaceAll('-', '')
}

/** Uses a recovery code up and notifies the owner; `false` when it is wrong. Dashes and case are ignored. */
export function useRecoveryCode(ctx: Context, accountId: string, code: string): Promise<boolean> {
  const hashes = ctx.secrets.macs('recovery-code', messageOf(accountId, writtenCode(code))).map(asText)
  return transaction(ctx, async (ctx) => {
    const used = await ctx.store.recoveryCodes.consume(accountId, hashes, ctx.now())
    if (used) await noteRecoveryCode(ctx, accountId)
    return used !== undefined
  })
}

function messageOf(accountId: string, code: string): string {
  return `${accountId}\0${code}`
}

function asText(mac: Buffer): string {
  return mac.toString('base64url')
}
