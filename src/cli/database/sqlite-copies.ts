import {
  asUnusable,
  copyDatabase,
  type DatabaseFile,
  holdAlone,
  inspectDatabase,
  UnusableFile,
} from '../../store/sqlite/copy.ts'
import { CommandError } from '../failure.ts'
import type { Outside } from '../outside.ts'
import { createProgress } from '../terminal/progress.ts'
import { createPrivateFile } from './sqlite-files.ts'

/** Copies a database into a new file, and checks the copy. Throws `CommandError` for what is no database of ours. */
export async function copyChecked(
  { from, to }: { from: string; to: string },
  stderr: Outside['stderr'],
): Promise<DatabaseFile> {
  const progress = createProgress(stderr)
  try {
    await createPrivateFile(to)
    progress.begin('pages', 0)
    await copyDatabase({ from, to }, progress.update)
    return inspectDatabase(to)
  } catch (error) {
    throw explainUnusable(from, asUnusable(error))
  } finally {
    progress.end()
  }
}

/** Keeps a server out of a database until `release`. Throws `CommandError` while one runs, and `UnusableFile`. */
export function holdOrRefuse(path: string): NonNullable<ReturnType<typeof holdAlone>> {
  const hold = holdAlone(path)
  if (!hold) throw new CommandError(`${path} is in use: stop the server first`)
  return hold
}

/** `UnusableFile` as `CommandError` that names the file; anything else as it is. */
export function explainUnusable(path: string, error: unknown): unknown {
  return error instanceof UnusableFile ? new CommandError(`${path} ${error.message}`) : error
}
