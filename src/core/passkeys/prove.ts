import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import { recordRefusal } from '../audit/audit.ts'
import { clientRef } from '../clients/clients.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { consumeTicket, findTicket, issueTicket } from '../recovery/tickets.ts'
import { noteProof } from '../self-service/recent-proof.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { challengeIn, readAnswer } from './answers.ts'
import { checkAssertion, requestOptions } from './assertions.ts'
import { goodPasskeysOf } from './list.ts'
import { notePasskeyUse } from './use.ts'

const lifetimeSeconds = 5 * 60

/**
 * What a page asks a person for one of their passkeys with, within five minutes, to see that it is them. `undefined` for
 * whoever has none that is good here.
 */
export async function optionsForProof(
  ctx: Context,
  { account, session }: Caller,
): Promise<PublicKeyCredentialRequestOptionsJSON | undefined> {
  const known = await goodPasskeysOf(ctx, account.id)
  if (known.length === 0) return undefined
  const challenge = await issueTicket(ctx, {
    kind: 'passkey-prove',
    subject: session.id,
    accountId: account.id,
    lifetimeSeconds,
    from: clientRef(ctx),
  })
  return requestOptions(ctx, { challenge, userVerification: 'required', known })
}

/**
 * Takes a passkey of the caller whose authenticator has seen its owner, and keeps with the session that its person was
 * there just now. Throws `passkey_invalid`, `rate_limited`.
 */
export async function proveByPasskey(ctx: Context, caller: Caller, answer: string): Promise<void> {
  const { account, session } = caller
  const challenge = challengeIn(readAnswer<AuthenticationResponseJSON>(answer))
  const ticket = await findTicket(ctx, 'passkey-prove', challenge)
  if (ticket?.subject !== session.id) throw new AuthError('passkey_invalid')
  const assertion = await checkAssertion(ctx, { answer, expected: challenge, requiresVerification: true })
  const isOwn = assertion.passkey.account_id === account.id
  const isProven =
    isOwn &&
    (await asCaller(ctx, caller, async (ctx) => {
      if (!(await consumeTicket(ctx, 'passkey-prove', challenge))) return false
      if (!(await notePasskeyUse(ctx, assertion))) return false
      await noteProof(ctx, caller, 'passkey')
      return true
    }))
  if (isProven) return
  await recordRefusal(ctx, 'identity.proven', { accountId: account.id, detail: 'passkey' })
  throw new AuthError('passkey_invalid')
}
