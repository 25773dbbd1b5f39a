import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pkg from '../../package.json' with { type: 'json' }
import { assertRefused, runCommand, spawnCommand } from '../harness/command.ts'

describe('the command line', () => {
  for (const option of ['--version', '-V'])
    it(`prints the release with ${option}, whatever the configuration`, async () => {
      const ending = { code: 0, stdout: `${pkg.version}\n`, stderr: '' }
      assert.deepEqual(await spawnCommand({ env: { PORT: 'x' } }, [option]), ending)
      assert.deepEqual(await runCommand({ env: { PORT: 'x' } }, [option]), ending)
    })

  it('lists every command in the help, and the options of one', async () => {
    const help = async (...args: string[]) => {
      const { code, stdout, stderr } = await runCommand({ env: {} }, args)
      assert.deepEqual([code, stderr], [0, ''])
      return stdout
    }
    const all = await help('--help')
    for (const name of [
      'serve',
      'migrate',
      'backup',
      'restore',
      'move',
      'doctor',
      'keys',
      'account',
      'import',
      'audit',
    ])
      assert.match(all, new RegExp(`^ {2}${name} +\\w`, 'm'))
    assert.equal(await help('help'), all)
    assert.match(await help('account', 'create', '--help'), /--generate/)
    assert.equal(await help('help', 'account', 'create'), await help('account', 'create', '--help'))
    assert.match(await help('help', 'serve'), /--workers/)
  })

  it('refuses an unknown command, and names the known ones', async () => {
    const sentence = /^there is no command sreve: serve, migrate, .*, config\n$/
    await assertRefused({ env: {} }, ['sreve'], sentence)
    await assertRefused({ env: {} }, ['--json', 'sreve', '--workers', '2'], sentence)
    await assertRefused({ env: {} }, ['account', 'lost'], /^error: unknown command 'lost'\n/)
  })
})
