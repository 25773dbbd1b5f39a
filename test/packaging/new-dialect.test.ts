import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createData, noPostgres } from '../harness/harness.ts'
import { startProgram } from '../harness/program.ts'

const root = join(import.meta.dirname, '..', '..')
const binary = (name: string) => join(root, 'node_modules', '.bin', name)
/** As in a shell: no run of tests, and no database. */
const { NODE_TEST_CONTEXT: _, TEST_DATABASE_URL: __, ...env } = process.env

function run(command: string, args: string[], cwd = root) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

const make = (...args: string[]) => run(process.execPath, [join('tools', 'new-dialect', 'main.ts'), ...args])

function assertDone({ status, output }: ReturnType<typeof run>): void {
  assert.equal(status, 0, output)
}

describe('`npm run new-dialect`', () => {
  let parent: string
  let folder: string
  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'manydoors-dialect-'))
    folder = join(parent, 'harbor')
    assertDone(make('harbor', folder))
  })
  after(() => rm(parent, { recursive: true, force: true }))

  it('leaves no name of the example', async () => {
    for (const file of ['index.ts', 'routes.ts', 'adapter.ts', 'settings.yaml', 'README.md'])
      assert.doesNotMatch(await readFile(join(folder, file), 'utf8'), /acme/i)
  })

  it('makes one that is formatted as everything here', async () => {
    const settings = JSON.parse(await readFile(join(root, 'biome.json'), 'utf8'))
    await writeFile(join(parent, 'biome.json'), JSON.stringify({ ...settings, vcs: undefined }, null, 2))
    assertDone(run(binary('biome'), ['check', 'harbor'], parent))
  })

  it('makes one that keeps the contract as it is', () => {
    const { status, output } = run(process.execPath, [join('test', 'dialect.ts'), folder])
    assert.equal(status, 0, output)
    assert.match(output, /^ℹ pass [1-9]\d\d$/m)
  })

  it('refuses what is no name, the name of another door, and a folder that is there', () => {
    for (const args of [[], ['Acme'], ['minbil'], ['acme'], ['harbor', folder]]) {
      const { status, output } = make(...args)
      assert.equal(status, 1, args.join(' '))
      assert.match(output, /^(Usage: .*|.* ships\.|.* there already\.)\n$/)
    }
  })

  it('makes one that compiles with the changes of docs/dialects.md', async () => {
    const page = await readFile(join(root, 'docs', 'dialects.md'), 'utf8')
    const patches = [...page.matchAll(/^```diff\n(.*?)^```$/gms)].map(([, patch]) => patch)
    assert.equal(patches.length, 3)
    await writeFile(join(parent, 'walk.patch'), patches.join(''))
    const changed = join(parent, 'changed')
    await cp(folder, changed, { recursive: true })
    assertDone(run('git', ['apply', join(parent, 'walk.patch')], changed))
    assertDone(run(binary('tsc'), ['-p', changed]))
  })

  const json = { email: 'ada@example.com', password: 'four words and blanks' }
  const signUp = async (env: Record<string, string>, args: string[]) => {
    const program = await startProgram(env, ['--config', join(folder, 'settings.yaml'), ...args])
    try {
      assert.match(program.output(), /harbor +.*\/harbor\/…/)
      return (await program.request('POST', '/harbor/users', { json })).status
    } finally {
      await program.stop()
    }
  }

  it('makes one that is served', async () => {
    const data = await createData('sqlite')
    assert.equal(await signUp(data.env, []).finally(data.drop), 201)
  })

  it('makes one that several processes serve', { skip: noPostgres }, async () => {
    const data = await createData('postgres')
    assert.equal(await signUp(data.env, ['serve', '--workers', '2']).finally(data.drop), 201)
  })
})
