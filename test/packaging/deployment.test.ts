import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { readConfig } from '../../src/config/read-config.ts'
import { sampleKey } from '../harness/master-keys.ts'
import { readDockerfile } from './dockerfile.ts'

const project = join(import.meta.dirname, '..', '..')
/** In seconds: what the program allows itself. */
const maxStopSeconds = 28

/** What an operator would put into the files that hold secrets. */
const secrets: Record<string, string> = {
  'master-key': sampleKey(7).toString('base64'),
  'database-url': 'postgres://manydoors:hunter2@postgres/manydoors',
  'smtp-url': 'smtps://user:hunter2@mail.example.com',
  'postgres-password': 'hunter2',
}

describe('the files of a deployment', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-deployment-'))
    for (const [name, value] of Object.entries(secrets)) await writeFile(join(folder, name), `${value}\n`)
  })
  after(() => rm(folder, { recursive: true, force: true }))

  describe('compose.yaml', () => {
    const {
      services,
      secrets: declared,
      volumes,
    } = parse(readFileSync(join(project, 'compose.yaml'), 'utf8'))
    const { manydoors, postgres } = services

    it('keeps every secret in a file, and gives each service those it reads', () => {
      assert.deepEqual(Object.keys(declared).sort(), Object.keys(secrets).sort())
      for (const { file } of Object.values(declared) as { file: string }[])
        assert.match(file, /^\.\/secrets\//)
      for (const { environment, secrets: given } of [manydoors, postgres]) {
        const read = Object.values<string>(environment).filter((value) => value.startsWith('/run/secrets/'))
        assert.deepEqual(read.map((path) => basename(path)).sort(), [...given].sort())
      }
      const environments = JSON.stringify([manydoors.environment, postgres.environment])
      assert.doesNotMatch(environments, /:\/\/|hunter2/)
    })

    it('sets known variables, and all that production needs', async () => {
      const image = await environmentOfImage()
      const given: Record<string, string> = {
        MANYDOORS_PUBLIC_URL: 'https://auth.example.com',
        MANYDOORS_TRUSTED_PROXIES: '172.16.0.0/12',
        MAIL_FROM: 'Example <auth@example.com>',
      }
      const environment = Object.entries<string>(manydoors.environment).map(([name, value]) => {
        const [, variable] = /^\$\{(\w+):/.exec(value) ?? []
        return [name, variable ? given[variable] : value.replace('/run/secrets', folder)]
      })
      const config = readConfig({ ...image, ...Object.fromEntries(environment) })
      assert.equal(config.mode, 'production')
      assert.deepEqual(config.database, {
        engine: 'postgres',
        url: secrets['database-url'],
        urlFile: join(folder, 'database-url'),
      })
      assert.equal(config.masterKey?.toString('base64'), secrets['master-key'])
      assert.equal(config.smtp?.url, secrets['smtp-url'])
    })

    it('starts the server once the database answers, and lets it stop', () => {
      assert.deepEqual(manydoors.depends_on, { postgres: { condition: 'service_healthy' } })
      assert.ok(postgres.healthcheck.test.includes('pg_isready'))
      assert.ok(Number.parseInt(manydoors.stop_grace_period, 10) > maxStopSeconds)
    })

    it('makes only the volume writable, and listens on loopback alone', () => {
      assert.equal(manydoors.read_only, true)
      assert.deepEqual(manydoors.cap_drop, ['ALL'])
      assert.deepEqual(manydoors.security_opt, ['no-new-privileges:true'])
      assert.deepEqual(manydoors.volumes, ['manydoors:/data'])
      for (const port of manydoors.ports) assert.match(port, /^127\.0\.0\.1:/)
      assert.equal(postgres.ports, undefined)
      assert.deepEqual(Object.keys(volumes), ['manydoors', 'postgres'])
    })
  })

  describe('manydoors.service', () => {
    const unit = readFileSync(join(project, 'deploy', 'manydoors.service'), 'utf8')
    const settings = [...unit.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => ({
      name,
      value,
    }))
    const settingOf = (wanted: string) => settings.find(({ name }) => name === wanted)?.value ?? ''

    it('sets known variables, with the master key as a credential', () => {
      const lines = settings.filter(({ name }) => name === 'Environment').map(({ value }) => value)
      const environment = lines.map((line) => line.replace('%d', folder).split('=', 2))
      const config = readConfig({
        ...Object.fromEntries(environment),
        MANYDOORS_PUBLIC_URL: 'https://auth.example.com',
      })
      assert.equal(config.mode, 'production')
      assert.equal(config.masterKey?.toString('base64'), secrets['master-key'])
      assert.equal(config.dataFolder, `/var/lib/${settingOf('StateDirectory')}`)
      assert.match(settingOf('LoadCredential'), /^master-key:\/etc\/manydoors\//)
    })

    it('waits longer than a stop takes, and runs the program npm installs', async () => {
      assert.ok(Number(settingOf('TimeoutStopSec')) > maxStopSeconds)
      const [node, program] = settingOf('ExecStart').split(' ')
      assert.equal(node, `${settingOf('WorkingDirectory')}/node_modules/.bin/node`)
      await readFile(join(project, program ?? ''))
    })

    it('is accepted by systemd, and rated well protected', async (test) => {
      if (spawnSync('systemd-analyze', ['--version']).error)
        return test.skip('systemd-analyze is not installed')
      const path = join(folder, 'manydoors.service')
      const program = join(folder, 'node')
      await writeFile(program, '')
      await chmod(program, 0o755)
      await writeFile(path, unit.replace(/^ExecStart=\S+/m, `ExecStart=${program}`))
      const run = promisify(execFile)
      const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', path])
      assert.equal(`${stdout}${stderr}`, '')
      await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', '--no-pager', path])
    })
  })
})

describe('deploy/manydoors', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-command-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  it('reads the settings of the service from any folder', async () => {
    const inFolder = async (name: string, text: string) => {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), text, { mode: 0o755 })
    }
    await inFolder('opt/manydoors.yaml', 'templates: templates\nport: 5123\n')
    await inFolder('opt/templates/messages/verify-email.txt.liquid', 'Confirm\n\n{{ link }}')
    for (const name of ['bin', 'node_modules']) await symlink(join(project, name), join(folder, 'opt', name))
    await inFolder(
      'etc/environment',
      "MANYDOORS_PUBLIC_URL='https://auth.example.com'\nMAIL_FROM='a@example.com'\n",
    )
    await inFolder('etc/master-key', secrets['master-key'] ?? '')
    // As if by root, and without another user.
    await inFolder('path/id', '#!/bin/sh\necho 0\n')
    await inFolder('path/setpriv', '#!/bin/sh\nshift 3\nexec "$@"\n')
    const script = await readFile(join(project, 'deploy', 'manydoors'), 'utf8')
    const moved = script
      .replaceAll('/opt/manydoors', join(folder, 'opt'))
      .replaceAll('/etc/manydoors', join(folder, 'etc'))
    await inFolder('manydoors', moved)

    const { stdout } = await promisify(execFile)(join(folder, 'manydoors'), ['config', 'check', '--json'], {
      cwd: tmpdir(),
      env: { PATH: `${join(folder, 'path')}:${process.env.PATH}`, SMTP_URL: 'smtps://mail.example.com' },
    })
    const { mode, file, realms } = JSON.parse(stdout)
    assert.deepEqual({ mode, file }, { mode: 'production', file: 'manydoors.yaml' })
    assert.equal(realms[0].publicUrl, 'https://auth.example.com')
  })
})

async function environmentOfImage(): Promise<Record<string, string>> {
  const stages = readDockerfile(await readFile(join(project, 'Dockerfile'), 'utf8'))
  const lines = stages.at(-1)?.instructions.filter(({ name }) => name === 'ENV') ?? []
  const pairs = lines.flatMap(({ text }) => text.split(/\s+/)).map((pair) => pair.split('=', 2))
  return Object.fromEntries(pairs)
}
