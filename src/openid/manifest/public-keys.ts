import { createPublicKey } from 'node:crypto'
import { z } from 'zod'

/** What RFC 7518 §6 calls the parameters of private and of shared keys. */
const secretParameters = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
const minRsaBits = 2048

/** The public keys of a client as a JWK Set. A key that should be nobody else's is refused, and nothing of it repeated. */
export const publicKeys = z.strictObject(
  {
    keys: z
      .array(z.record(z.string(), z.unknown(), 'must be a JSON Web Key'), 'must be a list of JSON Web Keys')
      .min(1, 'must have a key')
      .superRefine((keys, context) => {
        for (const [index, key] of keys.entries()) {
          const problem = problemOf(key)
          if (problem) context.addIssue({ code: 'custom', path: [index], message: problem })
        }
      }),
  },
  'must be a JSON Web Key Set: { keys: […] }',
)

function problemOf(key: Record<string, unknown>): string | undefined {
  if (secretParameters.some((name) => name in key))
    return 'is a private or shared key: give the public key alone, and take this one for known to others'
  try {
    const { asymmetricKeyType: type, asymmetricKeyDetails } = createPublicKey({ key, format: 'jwk' })
    const { modulusLength = 0, namedCurve } = asymmetricKeyDetails ?? {}
    if (type === 'rsa' && modulusLength < minRsaBits) return `is an RSA key of less than ${minRsaBits} bits`
    const canSign = type === 'rsa' || type === 'ed25519' || (type === 'ec' && namedCurve === 'prime256v1')
    return canSign || key.use === 'enc' ? undefined : 'must be of RSA, P-256 or Ed25519'
  } catch {
    return 'is no public key that can be read (RFC 7517)'
  }
}
