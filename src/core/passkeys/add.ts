import type {
  PublicKeyCredentialCreationOptionsJSON,
  RegistrationResponseJSON,
  VerifiedRegistrationResponse,
} from '@simplewebauthn/server'
import type { PasskeyRow } from '../../store/schema.ts'
import { notifyOwner } from '../accounts/notify-owner.ts'
import { recordEvent } from '../audit/audit.ts'
import { clientRef, realmBrand } from '../clients/clients.ts'
import type { Context, RealmContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { limits } from '../limits/limits.ts'
import { consumeTicket, findTicket, issueTicket } from '../recovery/tickets.ts'
import { requireRecentProof } from '../self-service/recent-proof.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { challengeIn, credentialOf, readAnswer, transportsIn } from './answers.ts'
import { passkeySettings, userHandle } from './assertions.ts'
import { withoutAttestation } from './attestation.ts'
import { goodHere } from './list.ts'
import { nameInMail } from './names.ts'
import { nameOf } from './providers.ts'
import { algorithms, loadWebAuthn } from './webauthn.ts'

/** How many passkeys an account has at most. */
export const maxPasskeys = 20

const lifetimeSeconds = 5 * 60

/**
 * What a page has a browser make a passkey with, within five minutes. Throws `recent_sign_in_needed`, `passkey_limit`
 * when the account has 20, `passkey_invalid` where the realm has none.
 */
export async function startPasskey(
  ctx: Context,
  caller: Caller,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  requireRecentProof(ctx, caller)
  const { account, session } = caller
  const known = await ctx.store.passkeys.listOf(account.id)
  if (known.length >= maxPasskeys) throw new AuthError('passkey_limit')
  const name = account.email ?? account.username ?? account.phone ?? account.id
  const challenge = await issueTicket(ctx, {
    kind: 'passkey-add',
    subject: session.id,
    accountId: account.id,
    lifetimeSeconds,
    from: clientRef(ctx),
  })
  return creationOptions(ctx, { challenge, accountId: account.id, name, known })
}

/** What a page has a browser make a passkey with for that account, other than the known ones. */
export function creationOptions(
  ctx: RealmContext,
  {
    challenge,
    accountId,
    name,
    known,
  }: { challenge: string; accountId: string; name: string; known: PasskeyRow[] },
): PublicKeyCredentialCreationOptionsJSON {
  const { rpId, userVerification } = passkeySettings(ctx)
  return {
    challenge,
    rp: { id: rpId, name: realmBrand(ctx).name },
    user: { id: userHandle(accountId), name, displayName: name },
    pubKeyCredParams: algorithms.map((alg) => ({ alg, type: 'public-key' })),
    timeout: lifetimeSeconds * 1000,
    attestation: 'none',
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification },
    excludeCredentials: goodHere(ctx, known).map(credentialOf),
    extensions: { credProps: true },
  }
}

/**
 * Adds the passkey that a browser has made, and returns its name, `nameless` where nothing is known of it; the owner is
 * mailed. Throws `recent_sign_in_needed`, `passkey_limit`, `rate_limited`, and `passkey_invalid` when anything of the
 * answer is wrong, it came too late or twice, or somebody has the passkey already.
 */
export async function addPasskey(
  ctx: Context,
  caller: Caller,
  { answer, nameless }: { answer: string; nameless: string },
): Promise<string> {
  requireRecentProof(ctx, caller)
  await ctx.limiter.consume(limits.passkeysPerIp, ctx.origin.ip)
  const response = readAnswer<RegistrationResponseJSON>(answer)
  const challenge = challengeIn(response)
  const ticket = await findTicket(ctx, 'passkey-add', challenge)
  if (ticket?.subject !== caller.session.id) throw new AuthError('passkey_invalid')
  const made = await verifyMade(ctx, response, challenge)
  await ctx.limiter.refund(limits.passkeysPerIp, ctx.origin.ip)
  const accountId = caller.account.id
  await ctx.limiter.consume(limits.waysInPerAccount, accountId)
  return asCaller(ctx, caller, async (ctx) => {
    if (!(await consumeTicket(ctx, 'passkey-add', challenge))) throw new AuthError('passkey_invalid')
    const row = rowOf(ctx, made, { accountId, nameless, transports: transportsIn(response) })
    if (await ctx.store.passkeys.byId(row.id)) throw new AuthError('passkey_invalid')
    if (!(await ctx.store.passkeys.add(row, maxPasskeys))) throw new AuthError('passkey_limit')
    await recordEvent(ctx, 'passkey.added', { accountId, sessionId: caller.session.id })
    await notifyOwner(ctx, accountId, 'passkey-added', { passkey: nameInMail(row.name) })
    return row.name
  })
}

/** What a new passkey is, as its authenticator says. */
type Made = NonNullable<VerifiedRegistrationResponse['registrationInfo']>

/** Checks a passkey that was made on that challenge. Throws `passkey_invalid`. */
export async function verifyMade(
  ctx: Context,
  response: RegistrationResponseJSON,
  challenge: string,
): Promise<Made> {
  const { rpId, origins, userVerification } = passkeySettings(ctx)
  const { verifyRegistrationResponse } = await loadWebAuthn()
  const check = async () =>
    verifyRegistrationResponse({
      response: await withoutAttestation(response),
      expectedChallenge: challenge,
      expectedOrigin: origins,
      expectedRPID: rpId,
      requireUserVerification: userVerification === 'required',
      supportedAlgorithmIDs: algorithms,
    })
  // What it throws is not of one kind, and says nothing beyond what the sender knows.
  const checked = await check().catch(() => undefined)
  if (!checked?.registrationInfo) throw new AuthError('passkey_invalid')
  return checked.registrationInfo
}

/** The row of a passkey that was made, named after its device; `nameless` where nothing is known of that. */
export function rowOf(
  ctx: Context,
  { credential, aaguid, credentialDeviceType, credentialBackedUp }: Made,
  { accountId, nameless, transports }: { accountId: string; nameless: string; transports: string[] },
) {
  const { device, userAgent } = ctx.origin
  const now = ctx.now()
  return {
    id: credential.id,
    account_id: accountId,
    rp_id: passkeySettings(ctx).rpId,
    public_key: Buffer.from(credential.publicKey).toString('base64url'),
    counter: credential.counter,
    transports: JSON.stringify(transports),
    aaguid,
    backup_eligible: credentialDeviceType === 'multiDevice' ? 1 : 0,
    backed_up: credentialBackedUp ? 1 : 0,
    name: nameOf(aaguid, device) ?? nameless,
    user_agent: userAgent?.slice(0, 512) ?? null,
    created_at: now,
  }
}
