import type { Config } from '../../config/config.ts'
import { UnsealError } from '../../core/keys/master-key.ts'
import { deriveSecrets, type MasterKeys } from '../../core/keys/secrets.ts'
import { keyFileIn, readKeyFile } from '../../server/master-key-file.ts'

/** Where a master key is kept that is not configured. */
export function keyFileOf({ dataFolder }: Pick<Config, 'dataFolder'>): string {
  return keyFileIn(dataFolder)
}

/**
 * Every master key that is configured or lies in the data folder; none is made. `undefined` when there is none. Throws
 * `ConfigError` for a key file that holds something else.
 */
export async function readMasterKeys(config: Config): Promise<MasterKeys | undefined> {
  const primary = config.masterKey ?? (await readKeyFile(keyFileOf(config)))
  return primary && { primary, ...config.otherMasterKeys }
}

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
