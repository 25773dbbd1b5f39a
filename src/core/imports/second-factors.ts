import { Secret } from 'otpauth'
import type { RealmContext } from '../context.ts'
import { nonceBytes } from '../keys/master-key.ts'
import { authenticatorCode, isAuthenticator, totpContext } from '../sign-in/authenticator.ts'
import { hashRecoveryCodes, writtenCode } from '../sign-in/recovery-codes.ts'
import type { ImportedTotp, ImportRecord } from './neutral.ts'
import { textOf } from './values.ts'

/** A second factor that an account brings along. */
export interface SecondFactor {
  /** The secret of an authenticator, in Base32. */
  totp?: string
  /** As `useRecoveryCode` compares them. */
  recoveryCodes: string[]
}

/** Of a secret: 80 bits, which is what older systems make. */
const minSecretBytes = 10
const minCodeLength = 8
const maxCodeLength = 128
const maxCodes = 50

/** The first authenticator that can be checked here, and the recovery codes that go with it. */
export function readSecondFactor(record: ImportRecord, dropped: string[]): SecondFactor {
  const given: ImportedTotp[] = Array.isArray(record.totp) ? record.totp : []
  const codes: unknown[] = Array.isArray(record.recoveryCodes) ? record.recoveryCodes : []
  let totp: string | undefined
  for (const each of given) {
    const read = totp === undefined ? readTotp(each) : { dropped: 'a second one' }
    if ('secret' in read) totp = read.secret
    else dropped.push(`totp: ${read.dropped}`)
  }
  if (totp === undefined && codes.length > 0) dropped.push('recovery codes: without an authenticator')
  return { totp, recoveryCodes: totp === undefined ? [] : readCodes(codes, dropped) }
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

/** The rows of second factors that accounts get: secrets sealed, codes hashed. */
export function rowsOfSecondFactors(ctx: RealmContext, factors: ({ id: string } & SecondFactor)[]) {
  const withFactor = factors.flatMap(({ totp, ...factor }) =>
    totp === undefined ? [] : [{ ...factor, totp }],
  )
  const secrets = withFactor.map(({ id, totp }) => {
    const { sealed, keyId } = ctx.secrets.seal(totp, totpContext(id), ctx.randomBytes(nonceBytes))
    return { account_id: id, secret_sealed: sealed, sealed_under: keyId }
  })
  const codes = withFactor.flatMap(({ id, recoveryCodes }) =>
    hashRecoveryCodes(ctx, id, recoveryCodes).map((hash) => ({
      account_id: id,
      hash,
      hashed_under: ctx.secrets.primaryId,
    })),
  )
  return { secrets, codes }
}
