import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { settingsSchema } from '../../../src/config/json-schema.ts'
import { useFolder } from '../../config/settings-file.ts'
import { runCommand } from '../../harness/command.ts'
import { sampleKey } from '../../harness/master-keys.ts'
import { program, runProgram, startProgram } from '../../harness/program.ts'

const realms = `
realms:
  main: { dialects: { minbil: } }
  shop: { hosts: [shop.localhost], dialects: { wolfpal: , vastly: { clients: [{ id: app, origins: [] }] } } }
`

describe('`config check`', () => {
  const folder = useFolder()

  it('refuses a master key in the data folder that a start would refuse, and makes none', async () => {
    const MANYDOORS_DATA = join(folder.path, 'data')
    const check = () => runCommand({ env: { MANYDOORS_DATA } }, ['config', 'check'])
    assert.equal((await check()).code, 0)
    assert.equal(existsSync(MANYDOORS_DATA), false)
    await mkdir(MANYDOORS_DATA)
    const path = await folder.write(Buffer.alloc(32).toString('base64'), 'data/master.key')
    const { code, stderr } = await check()
    assert.equal(code, 1)
    assert.match(stderr, /the key in .*master\.key was made by no random source/)
    const started = await runProgram({ MANYDOORS_DATA, PORT: '0' }, ['serve'])
    assert.deepEqual([started.code, started.stderr], [1, stderr])
    await rm(path)
  })

  it('prints what would be served, and no secret', async () => {
    const file = await folder.write(`secret: ${sampleKey(7).toString('base64')}\n${realms}`)
    const { code, stdout, stderr } = await runCommand({ env: {} }, ['config', 'check', '--config', file])
    assert.equal(stderr, '')
    assert.equal(code, 0)
    assert.deepEqual(stdout.split('\n'), [
      `The settings of ${file} can be used: development, on sqlite.`,
      '  realm main, http://localhost:5000',
      '    minbil    minbil',
      '    openid',
      '  realm shop, http://shop.localhost:5000, at shop.localhost',
      '    wolfpal   wolfpal',
      '    vastly    vastly, app',
      '    openid',
      '',
    ])
  })

  it('prints JSON with --json', async () => {
    const file = await folder.write(realms)
    const { code, stdout } = await runCommand({ env: {} }, ['config', 'check', '--json', '--config', file])
    assert.equal(code, 0)
    const summary = JSON.parse(stdout)
    assert.equal(summary.file, file)
    assert.deepEqual(
      summary.realms.map(({ name, dialects }: { name: string; dialects: string[] }) => [name, ...dialects]),
      [
        ['main', 'minbil'],
        ['shop', 'wolfpal', 'vastly'],
      ],
    )
  })

  it('reports every problem, and fails', async () => {
    const file = await folder.write('port: x\nhosts: []\n')
    const { code, stdout, stderr } = await runCommand({ env: { PORT: '1e3' } }, [
      'config',
      'check',
      '--config',
      file,
    ])
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.deepEqual(stderr.split('\n'), [
      'The configuration cannot be used:',
      '  - PORT must be a whole number from 0 to 65535',
      `  - port must be a whole number from 0 to 65535 (${file}:1)`,
      `  - hosts is not a setting (${file}:2)`,
      '',
    ])
  })

  it('looks at --config, then at MANYDOORS_CONFIG, then at manydoors.yaml where it runs', async () => {
    const [first, second] = [await folder.write('host: one'), await folder.write('host: two')]
    const checked = async (env: Record<string, string>, args: string[]) => {
      const child = spawn(process.execPath, [program, ...args, 'config', 'check'], { env, cwd: folder.path })
      const closed = once(child, 'close')
      let stdout = ''
      for await (const text of child.stdout.setEncoding('utf8')) stdout += text
      await closed
      return /^The settings of (.*) can be used/.exec(stdout)?.[1]
    }
    assert.equal(await checked({}, []), 'the environment')
    await folder.write('host: three', 'manydoors.yaml')
    assert.equal(await checked({}, []), 'manydoors.yaml')
    assert.equal(await checked({ MANYDOORS_CONFIG: '' }, []), 'manydoors.yaml')
    assert.equal(await checked({ MANYDOORS_CONFIG: second }, []), second)
    assert.equal(await checked({ MANYDOORS_CONFIG: second }, ['--config', first]), first)
  })
})

describe('`config schema`', () => {
  it('prints the JSON Schema', async () => {
    const { code, stdout } = await runCommand({ env: {} }, ['config', 'schema'])
    assert.equal(code, 0)
    assert.deepEqual(JSON.parse(stdout), settingsSchema())
  })
})

describe('`serve --config`', () => {
  const folder = useFolder()

  it('serves what the file says, and prints the doors of each realm', async () => {
    const file = await folder.write(`data: ${folder.path}\n${realms}`)
    const server = await startProgram({}, ['--config', file])
    const { port } = new URL(server.url)
    assert.equal((await server.request('POST', '/api/co/auth/sign-in', { json: {} })).status, 400)
    assert.equal((await server.request('POST', '/auth/login', { json: {} })).status, 404)
    const { stdout, stderr } = await server.stop()
    assert.equal(stderr, '')
    const lines = stdout.split('\n').map((line) => line.replaceAll(/ +/g, ' ').trim())
    const first = lines.indexOf('realm main, at every other host')
    assert.ok(first > 0, stdout)
    assert.equal(lines[first + 1], `minbil http://localhost:${port}/api/co/auth/…`)
    assert.equal(lines[first + 2], 'realm shop, at shop.localhost')
    assert.match(lines[first + 3] ?? '', /^wolfpal /)
    assert.match(lines[first + 4] ?? '', /^vastly /)
    assert.equal(lines[first + 5], '')
  })

  it('does not start with an invalid file', async () => {
    const file = await folder.write('realms: { main: { dialects: { minbil: { rotation: never } } } }')
    const { code, stdout, stderr } = await runCommand({ env: { PORT: '0', MANYDOORS_DATA: folder.path } }, [
      '--config',
      file,
    ])
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(
      stderr,
      /^The configuration cannot be used:\n {2}- realms\.main\.dialects\.minbil\.rotation must be one of /,
    )
  })
})
