import type { RetainedKeyStore } from '../../store/tables/retained-keys.ts'
import { forRetained, nonceBytes, type RetainedKeys } from './master-key.ts'
import { deriveSecrets, type MasterKeys, type RetiredMasterKey, type Secrets } from './secrets.ts'

/**
 * Derives what is derived of the master keys. Of those that go it keeps, sealed under the primary one, what must
 * outlive them, and reads what was kept of those that are gone. Throws `UnsealError` where a master key is missing.
 */
export async function openSecrets(
  store: RetainedKeyStore,
  masterKeys: MasterKeys,
  parts: { now(): number; randomBytes(size: number): Buffer },
): Promise<Secrets> {
  const secrets = deriveSecrets(masterKeys)
  for (const { id, keys } of secrets.retired) {
    const nonce = parts.randomBytes(nonceBytes)
    const { sealed, keyId } = secrets.seal(writeKeys(keys), retainedKeysContext(id), nonce)
    await store.add({ id, keys_sealed: sealed, sealed_under: keyId, created_at: parts.now() })
  }
  const retired = (await store.list()).map(
    ({ id, keys_sealed: sealed }): RetiredMasterKey => ({
      id,
      keys: readKeys(secrets.unseal(sealed, retainedKeysContext(id))),
    }),
  )
  return deriveSecrets(masterKeys, retired)
}

/** What the retained keys of a master key are sealed for. */
export function retainedKeysContext(id: string): string {
  return `lasting-keys ${id}`
}

function writeKeys(keys: RetainedKeys): string {
  return JSON.stringify(forRetained((purpose) => keys[purpose].toString('base64')))
}

function readKeys(text: string): RetainedKeys {
  const texts: Record<keyof RetainedKeys, string> = JSON.parse(text)
  return forRetained((purpose) => Buffer.from(texts[purpose], 'base64'))
}
