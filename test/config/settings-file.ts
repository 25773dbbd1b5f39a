import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { type Config, ConfigError } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'

/** A folder for the files of one suite, which is removed after its tests. */
export interface Folder {
  path: string
  /** Writes a file into it and returns its path. */
  write(text: string | Uint8Array, name?: string): Promise<string>
}

export function useFolder(): Folder {
  let files = 0
  const folder: Folder = {
    path: '',
    write: async (text, name = `file-${++files}`) => {
      const path = join(folder.path, name)
      await writeFile(path, text)
      return path
    },
  }
  before(async () => {
    folder.path = await mkdtemp(join(tmpdir(), 'manydoors-config-'))
  })
  after(() => rm(folder.path, { recursive: true, force: true }))
  return folder
}

export interface Settings {
  /** What the file says and the environment makes of it. */
  read(yaml: string, environment?: Record<string, string>): Promise<Config>
  /** Everything that is wrong, with the name of the file cut down to `FILE`. */
  problems(yaml: string, environment?: Record<string, string>): Promise<string[]>
}

/** Reads settings files that are written into this folder. */
export function settingsIn(folder: Folder): Settings {
  const read = async (yaml: string, environment: Record<string, string> = {}) =>
    readConfig({ ...environment, MANYDOORS_CONFIG: await folder.write(yaml, 'settings.yaml') })
  return {
    read,
    problems: async (yaml, environment) => {
      const error = await read(yaml, environment).catch((error: unknown) => error)
      assert.ok(error instanceof ConfigError, 'the settings should be refused')
      for (const problem of error.problems) assert.ok(error.message.includes(problem))
      return error.problems.map((problem) => problem.replaceAll(join(folder.path, 'settings.yaml'), 'FILE'))
    },
  }
}
