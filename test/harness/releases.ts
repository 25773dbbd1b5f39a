import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Program, startProgram } from './program.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')
const archives = join(import.meta.dirname, '..', 'releases')

/** A former release: its own source on the packages of today. */
export interface Release {
  start(env: Record<string, string>): Promise<Program>
  remove(): Promise<void>
}

/**
 * The newest release before this commit, such as `1.2.0`; `undefined` while there is none. It is known by its tag
 * (`v1.2.0`) or, as a clone may have no history, by its archive `test/releases/1.2.0.tar.gz`.
 */
export async function lastRelease(): Promise<string | undefined> {
  const tags = await run('git', ['tag', '--list', 'v*', '--no-contains', 'HEAD'], { cwd: root }).then(
    ({ stdout }) => stdout.split('\n'),
    () => [],
  )
  const files = existsSync(archives) ? await readdir(archives) : []
  const versions = [...tags, ...files].flatMap(
    (name) => /^v?(\d+\.\d+\.\d+)(\.tar\.gz)?$/.exec(name)?.[1] ?? [],
  )
  return versions.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1)
}

/** Unpacks a release of its archive, else of its tag, into a folder of its own. */
export async function unpackRelease(version: string): Promise<Release> {
  const folder = await mkdtemp(join(tmpdir(), 'manydoors-release-'))
  const kept = join(archives, `${version}.tar.gz`)
  const archive = existsSync(kept) ? kept : join(folder, 'release.tar.gz')
  if (archive !== kept)
    await run('git', ['archive', '--output', archive, `v${version}`, 'src', 'bin', 'package.json'], {
      cwd: root,
    })
  await run('tar', ['-xzf', archive, '-C', folder])
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  return {
    start: (env) => startProgram(env, [], join(folder, 'bin', 'manydoors.js')),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
