import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Config } from '../../config/config.ts'
import { keyFileOf } from '../../server/master-key-file.ts'
import { companions } from './sqlite-files.ts'

/** Which file of the server a path leads to, links followed, in words; `undefined` when a command may write there. */
export async function ownFileAt(place: string, config: Config): Promise<string | undefined> {
  const wanted = await realPlace(place)
  for (const [what, path] of await ownFiles(config)) if ((await realPlace(path)) === wanted) return what
  return undefined
}

async function ownFiles({ database, file, secretFiles, ...config }: Config): Promise<[string, string][]> {
  const files: [what: string, path: string][] = [['the master key', keyFileOf(config)]]
  for (const path of secretFiles) files.push(['a secret that the settings name', path])
  if (file !== undefined) files.push(['the settings file', file])
  if (database.engine === 'sqlite') {
    // Parts lie beside the file that a link leads to.
    const path = await realPlace(database.path)
    files.push(['the database itself', path], ['a part of the database', `${database.path}-limits`])
    for (const whole of [path, `${database.path}-limits`])
      for (const companion of companions) files.push(['a part of the database', `${whole}${companion}`])
  }
  return files
}

/** Where a path leads, all links followed; of what is not there, where it would be. */
async function realPlace(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    const folder = dirname(path)
    return folder === path ? path : join(await realPlace(folder), basename(path))
  }
}
