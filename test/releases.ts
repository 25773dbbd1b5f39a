import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Program, startProgram } from './program.ts'

/** A release of the past, as it was: its own source on the packages of today. */
export interface Release {
  start(env: Record<string, string>): Promise<Program>
  remove(): Promise<void>
}

/** Unpacks a release that is kept in test/releases/, for the tests need it and a clone may have no history. */
export async function unpackRelease(version: string): Promise<Release> {
  const folder = await mkdtemp(join(tmpdir(), 'manydoors-release-'))
  const archive = join(import.meta.dirname, 'releases', `${version}.tar.gz`)
  await promisify(execFile)('tar', ['-xzf', archive, '-C', folder])
  await symlink(join(import.meta.dirname, '..', 'node_modules'), join(folder, 'node_modules'))
  return {
    start: (env) => startProgram(env, [], join(folder, 'bin', 'manydoors.js')),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
