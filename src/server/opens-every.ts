import { UnsealError } from '../core/keys/master-key.ts'
import { deriveSecrets, type MasterKeys } from '../core/keys/secrets.ts'

/** Whether each of these signing keys can be opened with one of the master keys. */
export function opensEvery(
  masterKeys: MasterKeys,
  signingKeys: { id: string; private_sealed: string }[],
): boolean {
  const { unseal } = deriveSecrets(masterKeys)
  try {
    for (const key of signingKeys) unseal(key.private_sealed, `signing-key ${key.id}`)
    return true
  } catch (error) {
    if (error instanceof UnsealError) return false
    throw error
  }
}
