import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..', '..')
/** As in a shell: no run of tests, and no database. */
const { NODE_TEST_CONTEXT: _, TEST_DATABASE_URL: __, ...env } = process.env

/** A run of a command at the root of the repository. */
function run(command: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

/** A folder for doors that are made of files. */
export function openWorkshop() {
  const parent = mkdtempSync(join(tmpdir(), 'manydoors-from-'))
  return {
    folder: join(parent, 'harbor'),
    /** Runs `npm run new-dialect -- harbor FOLDER --from` for a file with this text. */
    make(file: string, text: string) {
      const path = join(parent, file)
      writeFileSync(path, text)
      rmSync(this.folder, { recursive: true, force: true })
      return run(
        process.execPath,
        join('tools', 'new-dialect', 'main.ts'),
        'harbor',
        this.folder,
        '--from',
        path,
      )
    },
    /** What was made, by the names of files. */
    files: () =>
      Object.fromEntries(
        readdirSync(join(parent, 'harbor')).map((file) => [
          file,
          readFileSync(join(parent, 'harbor', file), 'utf8'),
        ]),
      ),
    typeCheck: () => run(join(root, 'node_modules', '.bin', 'tsc'), '-p', join(parent, 'harbor')),
    runContract: () => run(process.execPath, join('test', 'dialect.ts'), join(parent, 'harbor')),
    close: () => rmSync(parent, { recursive: true, force: true }),
  }
}

/** How many tests passed, and the titles of those that failed. */
export function resultsOf(output: string): { passed: number; failed: string[] } {
  const [, listed = ''] = output.split('✖ failing tests:')
  const failed = [...listed.matchAll(/^✖ (.*) \([\d.]+ms\)$/gm)].map(([, title = '']) => title)
  return { passed: Number(/^ℹ pass (\d+)$/m.exec(output)?.[1]), failed }
}
