import { link, mkdir, open, readFile, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Config, ConfigError } from '../config/config.ts'
import type { MasterKeys } from '../core/keys/secrets.ts'
import { looksRandom, masterKeyBytes, notRandom } from '../lib/master-key-bytes.ts'

/** The master keys; where there is none, one is made (mode 0600). Throws `ConfigError` for a file without a key. */
export async function loadMasterKeys(
  config: Config,
  randomBytes: (size: number) => Buffer,
): Promise<MasterKeys> {
  const path = keyFileOf(config)
  const known = await readMasterKeys(config)
  return known ?? { primary: keyOf(await makeKeyFile(path, randomBytes), path), ...config.otherMasterKeys }
}

/** The master keys that are configured or lie in the data folder. Throws `ConfigError` for a file without a key. */
export async function readMasterKeys(config: Config): Promise<MasterKeys | undefined> {
  const primary = config.masterKey ?? (await readKeyFile(keyFileOf(config)))
  return primary && { primary, ...config.otherMasterKeys }
}

/** Where a master key is kept that is not configured. */
export function keyFileOf({ dataFolder }: Pick<Config, 'dataFolder'>): string {
  return join(dataFolder, 'master.key')
}

async function readKeyFile(path: string): Promise<Buffer | undefined> {
  try {
    return keyOf(await readFile(path, 'utf8'), path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function keyOf(text: string, path: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== masterKeyBytes) throw new ConfigError([`${path} does not hold 32 bytes in base64`])
  if (!looksRandom(key)) throw new ConfigError([`the key in ${path} ${notRandom}`])
  return key
}

/**
 * Writes a key beside its place and links it there whole: whoever looks meanwhile, or after a power cut, finds all of
 * it or nothing. Of several starts at once one makes the key. Returns what the file holds.
 */
async function makeKeyFile(path: string, randomBytes: (size: number) => Buffer): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(`${randomBytes(32).toString('base64')}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(draft, path)
    await syncFolder(dirname(path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await unlink(draft)
  }
  return readFile(path, 'utf8')
}

/** So that the file's name outlives a power cut too. Windows cannot, and does not need to. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch((): undefined => undefined)
  try {
    await folder?.sync()
  } catch (error) {
    if (!['EPERM', 'EINVAL', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await folder?.close()
  }
}
