import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import type { PasskeyRow } from '../../store/schema.ts'
import type { RealmContext, RequestContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { limits } from '../limits/limits.ts'
import { credentialOf, readAnswer } from './answers.ts'
import type { PasskeySettings } from './settings.ts'
import { loadWebAuthn } from './webauthn.ts'

/** What a browser is to have signed: the text that it was given, or what that is recognized by. */
type Expected = string | ((challenge: string) => boolean)

/** A passkey whose signature was right, and what was signed with it. */
export interface Assertion {
  passkey: PasskeyRow
  counter: number
  isBackedUp: boolean
  /** The authenticator has seen its owner, and not only somebody's finger. */
  isVerified: boolean
}

/** Where passkeys are good in this realm. Throws `passkey_invalid` where they are not. */
export function passkeySettings({ realm }: Pick<RealmContext, 'realm'>): PasskeySettings {
  if (!realm.passkeys) throw new AuthError('passkey_invalid')
  return realm.passkeys
}

/** What a page asks a browser for a passkey with; of `known` ones, good here, where there are any, else of whichever it has. */
export function requestOptions(
  ctx: Pick<RealmContext, 'realm'>,
  { challenge, userVerification, known = [] }: RequestedProof,
): PublicKeyCredentialRequestOptionsJSON {
  const { rpId } = passkeySettings(ctx)
  return {
    challenge,
    rpId,
    userVerification,
    timeout: 5 * 60_000,
    allowCredentials: known.map(credentialOf),
  }
}

interface RequestedProof {
  challenge: string
  userVerification: PasskeySettings['userVerification']
  known?: PasskeyRow[]
}

/**
 * Finds the passkey that has signed an answer, and checks the signature; the counter is left to the caller. Throws
 * `passkey_invalid` when it is not known, or anything of the answer is wrong, `rate_limited` after too many of these.
 */
export async function checkAssertion(
  ctx: RequestContext,
  {
    answer,
    expected,
    requiresVerification,
  }: { answer: string; expected: Expected; requiresVerification: boolean },
): Promise<Assertion> {
  await ctx.limiter.consume(limits.passkeysPerIp, ctx.origin.ip)
  const response = readAnswer<AuthenticationResponseJSON>(answer)
  const passkey = await ctx.store.passkeys.byId(response.id)
  if (!passkey)
    throw new AuthError('passkey_invalid', isDomainOurs(ctx) ? { unknownPasskey: response.id } : {})
  if (!namesOwner(response, passkey)) throw new AuthError('passkey_invalid')
  const checked = await verify(ctx, { response, passkey, expected, requiresVerification })
  await ctx.limiter.refund(limits.passkeysPerIp, ctx.origin.ip)
  return { passkey, ...checked }
}

/**
 * Whether nobody but this realm makes passkeys for the domain: those of another realm or another service, for a domain
 * above our host, are not known here either, and no browser shall forget them for that.
 */
function isDomainOurs(ctx: RequestContext): boolean {
  return passkeySettings(ctx).rpId === new URL(ctx.publicUrl).hostname
}

async function verify(
  ctx: RequestContext,
  {
    response,
    passkey,
    expected,
    requiresVerification,
  }: {
    response: AuthenticationResponseJSON
    passkey: PasskeyRow
    expected: Expected
    requiresVerification: boolean
  },
): Promise<Omit<Assertion, 'passkey'>> {
  const { rpId, origins } = passkeySettings(ctx)
  const { verifyAuthenticationResponse } = await loadWebAuthn()
  const checked = await verifyAuthenticationResponse({
    response,
    expectedChallenge: expected,
    expectedOrigin: origins,
    expectedRPID: rpId,
    requireUserVerification: requiresVerification,
    // With 0 it compares no counters: it would before it has looked at the signature, and anybody could raise an alarm.
    credential: {
      id: passkey.id,
      publicKey: new Uint8Array(Buffer.from(passkey.public_key, 'base64url')),
      counter: 0,
    },
    // What it throws is not of one kind, and says nothing beyond what the sender knows.
  }).catch(() => undefined)
  if (!checked?.verified) throw new AuthError('passkey_invalid')
  const {
    newCounter: counter,
    credentialBackedUp: isBackedUp,
    userVerified: isVerified,
  } = checked.authenticationInfo
  return { counter, isBackedUp, isVerified }
}

/** Whether an answer is of the account that the passkey is of, where it says of which. */
function namesOwner(
  { response }: AuthenticationResponseJSON,
  { account_id: accountId }: PasskeyRow,
): boolean {
  return response.userHandle === undefined || response.userHandle === userHandle(accountId)
}

/** What an authenticator knows an account by: the 16 bytes of its id, in base64url. */
export function userHandle(accountId: string): string {
  return Buffer.from(accountId.replaceAll('-', ''), 'hex').toString('base64url')
}
