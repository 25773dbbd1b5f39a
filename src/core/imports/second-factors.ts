import { Secret } from 'otpauth'
import type { RealmContext } from '../context.ts'
import { maxInForce } from '../factors/enrol.ts'
import { authenticatorContext } from '../factors/held.ts'
import { readFactorName } from '../factors/name.ts'
import { nonceBytes } from '../keys/master-key.ts'
import { authenticatorCode, isAuthenticator, totpContext } from '../sign-in/authenticator.ts'
import { hashRecoveryCodes, writtenCode } from '../sign-in/recovery-codes.ts'
import type { ImportedTotp, ImportRecord } from './neutral.ts'
import { textOf } from './values.ts'

/** A second factor that an account brings along. */
export interface SecondFactor {
  /** As many authenticators as an account may have in force at most. */
  totp: Authenticator[]
  /** As `useRecoveryCode` compares them. */
  recoveryCodes: string[]
}

interface Authenticator {
  /** In Base32. */
  secret: string
  /** As its owner calls it; may be empty. */
  name: string
}

/** Of a secret: 80 bits, which is what older systems make. */
const minSecretBytes = 10
const minCodeLength = 8
const maxCodeLength = 128
const maxCodes = 50

/** The authenticators that can be checked here, in their order, and the recovery codes that go with them. */
export function readSecondFactor(record: ImportRecord, dropped: string[]): SecondFactor {
  const given: ImportedTotp[] = Array.isArray(record.totp) ? record.totp : []
  const codes: unknown[] = Array.isArray(record.recoveryCodes) ? record.recoveryCodes : []
  const bySecret = new Map<string, Authenticator>()
  for (const each of given) {
    const read = readTotp(each)
    if ('dropped' in read) dropped.push(`totp: ${read.dropped}`)
    else if (bySecret.has(read.secret)) dropped.push('totp: the same one twice')
    else if (bySecret.size === maxInForce) dropped.push(`totp: more than ${maxInForce}`)
    else bySecret.set(read.secret, { secret: read.secret, name: readName(each, dropped) })
  }
  const totp = [...bySecret.values()]
  if (totp.length === 0 && codes.length > 0) dropped.push('recovery codes: without an authenticator')
  return { totp, recoveryCodes: totp.length === 0 ? [] : readCodes(codes, dropped) }
}

function readName(given: ImportedTotp, dropped: string[]): string {
  const typed = textOf(given.name)
  if (typed === undefined) return ''
  const name = readFactorName(typed)
  if (name === undefined) dropped.push('totp: its name')
  return name ?? ''
}

function readTotp(given: ImportedTotp | null): { secret: string } | { dropped: string } {
  const algorithm = textOf(given?.algorithm)?.replaceAll('-', '').toUpperCase() ?? ''
  if (!given || !/^SHA(1|256|512)$/.test(algorithm)) return { dropped: 'another algorithm' }
  const { digits, period } = given
  if (!isAuthenticator({ algorithm, digits, period })) {
    const [codes, seconds] = [Number(digits) || 'unknown', Number(period) || 'unknown']
    return { dropped: `${algorithm}, ${codes} digits, ${seconds} seconds` }
  }
  const secret =
    textOf(given.secret)
      ?.replaceAll(/[\s-]/g, '')
      .replace(/={1,6}$/, '')
      .toUpperCase() ?? ''
  if (!/^[A-Z2-7]+$/.test(secret)) return { dropped: 'no Base32' }
  if (Secret.fromBase32(secret).bytes.length < minSecretBytes) return { dropped: 'a secret too short' }
  return { secret }
}

function readCodes(codes: unknown[], dropped: string[]): string[] {
  const read = new Set<string>()
  for (const code of codes) {
    const written = writtenCode(textOf(code) ?? '')
    const hasLength = written.length >= minCodeLength && written.length <= maxCodeLength
    // What looks like a code of an authenticator is never looked for among these.
    if (hasLength && !authenticatorCode.test(written) && read.size < maxCodes) read.add(written)
    else dropped.push('recovery code: too short or too long')
  }
  return [...read]
}

/**
 * The rows of second factors that accounts get, of the first authenticator of each and of the others: secrets sealed, codes
 * hashed.
 */
export function rowsOfSecondFactors(ctx: RealmContext, factors: ({ accountId: string } & SecondFactor)[]) {
  const held = factors.map(({ accountId, totp }) => rowsOf(ctx, accountId, totp))
  const codes = factors.flatMap(({ accountId, recoveryCodes }) =>
    hashRecoveryCodes(ctx, accountId, recoveryCodes).map((hash) => ({
      account_id: accountId,
      hash,
      hashed_under: ctx.secrets.primaryId,
    })),
  )
  return {
    first: held.flatMap(([first]) => first ?? []),
    others: held.flatMap(([, ...others]) => others),
    codes,
  }
}

function rowsOf(ctx: RealmContext, accountId: string, totp: Authenticator[]) {
  // Those of one time are listed by their ids.
  const ids = totp.map(() => ctx.newId()).sort()
  return totp.map(({ secret, name }, index) => {
    const id = ids[index] ?? ctx.newId()
    const purpose = index === 0 ? totpContext(accountId) : authenticatorContext(id)
    const { sealed, keyId } = ctx.secrets.seal(secret, purpose, ctx.randomBytes(nonceBytes))
    return { id, account_id: accountId, name, secret_sealed: sealed, sealed_under: keyId }
  })
}
