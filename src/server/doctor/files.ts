import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Config } from '../../config/config.ts'
import { keyFileOf } from '../../server/master-key-file.ts'
import { type Check, type Finding, ok, problem, warning } from './check.ts'

/** Beneath these there is not enough room to go on, or not for long. */
const [minFreeBytes, lowFreeBytes] = [100 * 2 ** 20, 2 ** 30]
const integrityTimeoutMs = 60_000

/** What lies on the disk: the data folder, the master key, and the files of SQLite. */
export function fileChecks(config: Config): Check[] {
  const { database, dataFolder } = config
  const path = database.engine === 'sqlite' ? database.path : undefined
  // With everything elsewhere it is not needed.
  const folder = path !== undefined ? dirname(path) : config.masterKey ? undefined : dataFolder
  return [
    { name: 'data folder', run: async () => (folder === undefined ? undefined : checkFolder(folder)) },
    { name: 'key file', run: async () => (config.masterKey ? undefined : checkPrivate(keyFileOf(config))) },
    ...(path === undefined
      ? []
      : [
          { name: 'database file', run: () => checkPrivate(path) },
          { name: 'disk space', run: () => checkSpace(dirname(path)) },
          { name: 'integrity', run: () => checkIntegrity(path) },
        ]),
  ]
}

async function checkFolder(path: string): Promise<Finding | undefined> {
  const folder = await modeOf(path)
  if (folder === undefined) return warning(`${path} is not there`, 'a start of the server makes it')
  try {
    await access(path, constants.W_OK)
  } catch {
    return problem(
      `${path} cannot be written to`,
      'run the server and its commands as the owner of this folder',
    )
  }
  if (process.platform !== 'win32' && folder & 0o077)
    return warning(`${path} is open to others (${octal(folder)})`, `chmod 700 ${path}`)
  return ok(`${path} (${octal(folder)})`)
}

async function checkPrivate(path: string): Promise<Finding | undefined> {
  const mode = await modeOf(path)
  if (mode === undefined) return undefined
  if (process.platform === 'win32' || (mode & 0o077) === 0) return ok(`${path} (${octal(mode)})`)
  const found = `${path} can be read by others (${octal(mode)})`
  const advice = `chmod 600 ${path}`
  // Behind a folder that nobody else may enter it is not in danger.
  const isReachable = ((await modeOf(dirname(path))) ?? 0) & 0o077
  return isReachable ? problem(found, advice) : warning(`${found}, but not its folder`, advice)
}

async function checkSpace(folder: string): Promise<Finding | undefined> {
  if ((await modeOf(folder)) === undefined) return undefined
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const says = `${(free / 2 ** 30).toFixed(1)} GiB free in ${folder}`
  if (free < minFreeBytes) return problem(says, 'make room: without it nothing can be written')
  return free < lowFreeBytes ? warning(says, 'make room soon') : ok(says)
}

/** In a process of its own: nothing can interrupt SQLite within one. */
async function checkIntegrity(path: string): Promise<Finding | undefined> {
  if ((await modeOf(path)) === undefined) return undefined
  const script = join(import.meta.dirname, 'quick-check.ts')
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [script, path], {
      timeout: integrityTimeoutMs,
    })
    const said = stdout.trim()
    return said === 'ok'
      ? ok('every page can be read')
      : problem(said, 'stop the server and restore a backup')
  } catch (error) {
    const { killed, stderr = '' } = error as { killed?: boolean; stderr?: string }
    if (killed) return problem(`no answer within ${integrityTimeoutMs / 1000} seconds`, 'see the disk')
    // Of a process, the message is its whole command line.
    const [, said = 'it cannot be read'] = /^(?:\w*Error)(?: \[\w+\])?: (.+)$/m.exec(stderr) ?? []
    return problem(said, 'run this as the user that the server runs as, and see the disk')
  }
}

async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o777
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}
