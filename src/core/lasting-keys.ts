import type { LastingKeys as LastingKeyStore } from '../store/lasting-keys.ts'
import { type LastingKeys, nonceBytes } from './master-key.ts'
import { deriveSecrets, type Legacy, type MasterKeys, type Secrets } from './secrets.ts'

/**
 * Derives what is derived of the master keys. Of those that go it keeps, sealed under the primary one, what must
 * outlive them, and reads what was kept of those that are gone. Throws `UnsealError` where a master key is missing.
 */
export async function openSecrets(
  store: LastingKeyStore,
  masterKeys: MasterKeys,
  parts: { now(): number; randomBytes(size: number): Buffer },
): Promise<Secrets> {
  const secrets = deriveSecrets(masterKeys)
  for (const { id, keys } of secrets.legacies) {
    const nonce = parts.randomBytes(nonceBytes)
    const { sealed, keyId } = secrets.seal(writeKeys(keys), lastingKeysContext(id), nonce)
    await store.add({ id, keys_sealed: sealed, sealed_under: keyId, created_at: parts.now() })
  }
  const legacies = (await store.list()).map(
    ({ id, keys_sealed: sealed }): Legacy => ({
      id,
      keys: readKeys(secrets.unseal(sealed, lastingKeysContext(id))),
    }),
  )
  return deriveSecrets(masterKeys, legacies)
}

/** What the lasting keys of a master key are sealed for. */
export function lastingKeysContext(id: string): string {
  return `lasting-keys ${id}`
}

function writeKeys(keys: LastingKeys): string {
  const texts: Record<keyof LastingKeys, string> = {
    'recovery-code': keys['recovery-code'].toString('base64'),
    'audit-subject': keys['audit-subject'].toString('base64'),
  }
  return JSON.stringify(texts)
}

function readKeys(text: string): LastingKeys {
  const texts: Record<keyof LastingKeys, string> = JSON.parse(text)
  return {
    'recovery-code': Buffer.from(texts['recovery-code'], 'base64'),
    'audit-subject': Buffer.from(texts['audit-subject'], 'base64'),
  }
}
