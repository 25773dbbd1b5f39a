import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Config, ConfigError } from './config.ts'

/**
 * The configured master key, or the one that development keeps in the data folder (mode 0600), made at first start.
 * Throws `ConfigError` when that file does not hold a key.
 */
export async function loadMasterKey(config: Config, randomBytes: (size: number) => Buffer): Promise<Buffer> {
  if (config.masterKey) return config.masterKey
  const path = join(config.dataFolder, 'master.key')
  await mkdir(config.dataFolder, { recursive: true, mode: 0o700 })
  try {
    // Fails when it exists: a second start must not replace it.
    await writeFile(path, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const key = Buffer.from((await readFile(path, 'utf8')).trim(), 'base64')
  if (key.length !== 32) throw new ConfigError([`${path} does not hold 32 bytes in base64`])
  return key
}
