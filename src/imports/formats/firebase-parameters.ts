import { UnreadableImport } from '../format.ts'
import { asBase64 } from '../values/bytes.ts'

/** What all hashes of a project share, by the names that such hashes are given with. */
export interface FirebaseParameters {
  signerKey: string
  saltSeparator: string
  rounds: number
  memCost: number
}

/**
 * The parameters from the text that Firebase's console shows, `hash_config { … }`, or from JSON with the same names.
 * Throws `UnreadableImport` when one is missing, or they are of another algorithm.
 */
export function readFirebaseParameters(text: string): FirebaseParameters {
  const found = new Map<string, string>()
  for (const [, name = '', value = ''] of text.matchAll(/"?(\w+)"?\s*[:=]\s*"?([^"\s,}]*)/g))
    found.set(name.toLowerCase(), value)
  const algorithm = found.get('algorithm') ?? 'SCRYPT'
  if (algorithm.toUpperCase() !== 'SCRYPT')
    throw new UnreadableImport('the hash parameters are not of the algorithm SCRYPT')
  const saltSeparator = found.get('base64_salt_separator') ?? ''
  if (saltSeparator && !asBase64(saltSeparator)) throw missing('base64_salt_separator')
  const signerKey = found.get('base64_signer_key')
  if (!signerKey || !asBase64(signerKey)) throw missing('base64_signer_key')
  return { signerKey, saltSeparator, rounds: countIn(found, 'rounds'), memCost: countIn(found, 'mem_cost') }
}

function countIn(found: Map<string, string>, name: string): number {
  const count = Number(found.get(name))
  if (!Number.isInteger(count) || count < 1) throw missing(name)
  return count
}

function missing(name: string): UnreadableImport {
  return new UnreadableImport(`the hash parameters have no ${name} that can be read`)
}
