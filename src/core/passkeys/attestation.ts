import type { RegistrationResponseJSON } from '@simplewebauthn/server'
import { loadWebAuthnHelpers } from './webauthn.ts'

/**
 * The answer of a new passkey without what it says of its maker, which we do not ask for. The library would check that:
 * it would fetch, from wherever certificates of the sender's own point to, which of them are revoked. Throws whatever the
 * library does for an answer that cannot be read.
 */
export async function withoutAttestation(
  answer: RegistrationResponseJSON,
): Promise<RegistrationResponseJSON> {
  const { decodeAttestationObject, isoBase64URL, isoCBOR } = await loadWebAuthnHelpers()
  const { response } = answer
  const authData = decodeAttestationObject(isoBase64URL.toBuffer(response.attestationObject)).get('authData')
  const none = new Map<string, string | Uint8Array | Map<string, string>>([
    ['fmt', 'none'],
    ['attStmt', new Map<string, string>()],
    ['authData', authData],
  ])
  return {
    ...answer,
    response: { ...response, attestationObject: isoBase64URL.fromBuffer(isoCBOR.encode(none)) },
  }
}
