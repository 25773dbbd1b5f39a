import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { UnsealError } from '../core/master-key.ts'
import { deriveSecrets, type MasterKeys } from '../core/secrets.ts'

/** Where a master key is kept that is not configured. */
export function keyFileOf({ dataFolder }: Pick<Config, 'dataFolder'>): string {
  return join(dataFolder, 'master.key')
}

/** Every master key that is configured or lies in the data folder; none is made. `undefined` when there is none. */
export async function readMasterKeys(config: Config): Promise<MasterKeys | undefined> {
  const primary = config.masterKey ?? (await readKeyFile(keyFileOf(config)))
  return primary && { primary, ...config.otherMasterKeys }
}

async function readKeyFile(path: string): Promise<Buffer | undefined> {
  try {
    const key = Buffer.from((await readFile(path, 'utf8')).trim(), 'base64')
    return key.length === 32 ? key : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
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
