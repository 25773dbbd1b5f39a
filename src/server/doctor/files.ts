import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { say } from '../../admin/findings.ts'
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
  if (folder === undefined)
    return warning(say('{path} is not there', { path }), say('a start of the server makes it'))
  try {
    await access(path, constants.W_OK)
  } catch {
    return problem(
      say('{path} cannot be written to', { path }),
      say('run the server and its commands as the owner of this folder'),
    )
  }
  if (process.platform !== 'win32' && folder & 0o077)
    return warning(
      say('{path} is open to others ({mode})', { path, mode: octal(folder) }),
      say('chmod 700 {path}', { path }),
    )
  return ok(say('{path} ({mode})', { path, mode: octal(folder) }))
}

async function checkPrivate(path: string): Promise<Finding | undefined> {
  const mode = await modeOf(path)
  if (mode === undefined) return undefined
  if (process.platform === 'win32' || (mode & 0o077) === 0)
    return ok(say('{path} ({mode})', { path, mode: octal(mode) }))
  const found = { path, mode: octal(mode) }
  const advice = say('chmod 600 {path}', { path })
  // Behind a folder that nobody else may enter it is not in danger.
  const isReachable = ((await modeOf(dirname(path))) ?? 0) & 0o077
  return isReachable
    ? problem(say('{path} can be read by others ({mode})', found), advice)
    : warning(say('{path} can be read by others ({mode}), but not its folder', found), advice)
}

async function checkSpace(folder: string): Promise<Finding | undefined> {
  if ((await modeOf(folder)) === undefined) return undefined
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const says = say('{free} GiB free in {folder}', { free: (free / 2 ** 30).toFixed(1), folder })
  if (free < minFreeBytes) return problem(says, say('make room: without it nothing can be written'))
  return free < lowFreeBytes ? warning(says, say('make room soon')) : ok(says)
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
      ? ok(say('every page can be read'))
      : { state: 'problem', says: said, advice: say('stop the server and restore a backup') }
  } catch (error) {
    const { killed, stderr = '' } = error as { killed?: boolean; stderr?: string }
    if (killed)
      return problem(
        say('no answer within {seconds} seconds', { seconds: integrityTimeoutMs / 1000 }),
        say('see the disk'),
      )
    // Of a process, the message is its whole command line.
    const [, says = say('it cannot be read')] = /^(?:\w*Error)(?: \[\w+\])?: (.+)$/m.exec(stderr) ?? []
    const advice = say('run this as the user that the server runs as, and see the disk')
    return { state: 'problem', says, advice }
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
