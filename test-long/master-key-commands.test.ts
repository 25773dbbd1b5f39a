import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { examine } from '../test/cli/doctor/examination.ts'
import { registerWithSecondFactor } from '../test/dialects/wolfpal/door.ts'
import { runCommand } from '../test/harness/command.ts'
import { execute } from '../test/harness/database.ts'
import { onEveryEngine, startTestServer, type TestServer } from '../test/harness/harness.ts'
import { keyVariables, newMasterKey, restartWith } from '../test/harness/master-keys.ts'

onEveryEngine('a master key that is changed by command', (engine) => {
  const [old, fresh] = [newMasterKey(), newMasterKey()]
  const server = {} as TestServer
  const given = {
    previous: keyVariables({ primary: fresh, previous: old }),
    fresh: keyVariables({ primary: fresh }),
  }
  const keys = (env: Record<string, string>, ...args: string[]) =>
    runCommand({ env: { ...server.env, ...env } }, ['keys', ...args])
  /** What doctor finds about master keys. */
  const diagnose = async (env: Record<string, string>) => {
    const { state, says } = (await examine({ ...server.env, ...env })).of('master keys')
    return `${state}: ${says}`
  }
  before(async () => {
    Object.setPrototypeOf(server, await startTestServer(engine, { env: keyVariables({ primary: old }) }))
    await registerWithSecondFactor(server)
  })
  after(() => server.close?.())

  it('is refused alone, needed until all is resealed, and then only by sessions', async () => {
    const tooEarly = await keys(given.fresh, 'list')
    assert.equal(tooEarly.code, 1)
    assert.match(
      await diagnose(given.fresh),
      /^problem: missing, each with so many texts under it: [0-9a-f]{12} \(3\)$/,
    )
    assert.match(tooEarly.stderr, /the master key .* is not the one that this database was set up with/)

    const waiting = await keys(given.previous, 'list')
    assert.equal(waiting.code, 0, waiting.stderr)
    assert.match(waiting.stdout, /^[0-9a-f]{12} is still needed\. Texts that wait to be sealed anew: 3\.$/m)

    assert.equal(await diagnose(given.previous), 'warning: texts under a previous key: 3')
    const resealed = await keys(given.previous, 'reseal')
    assert.equal(resealed.code, 0, resealed.stderr)
    assert.match(resealed.stdout, /^3 texts were sealed anew\.\n0 are left under [0-9a-f]{12}\.\n$/)
    const again = await keys(given.previous, 'reseal')
    assert.match(again.stdout, /^0 texts were sealed anew\./)

    const hanging = await keys(given.previous, 'list')
    assert.match(hanging.stdout, /^[0-9a-f]{12} seals nothing any more\. Sessions .*: 1\.$/m)
    assert.match(await diagnose(given.previous), /^ok: sessions under a previous key: 1; /)
    const dropped = await keys(given.fresh, 'list')
    assert.equal(dropped.code, 0, dropped.stderr)
    assert.match(dropped.stdout, /^[0-9a-f]{12} is gone\. Sessions .*: 1\.$/m)

    await execute(server.env.DATABASE_URL ?? '', 'update sessions set ended_at = 1')
    assert.equal(await diagnose(given.previous), 'warning: sessions under a previous key: 0')
    assert.match(await diagnose(given.fresh), /^ok: [0-9a-f]{12} \(primary\)$/)
    const removable = await keys(given.previous, 'list')
    assert.match(
      removable.stdout,
      /^[0-9a-f]{12} is no longer needed: take it out of MANYDOORS_SECRET_PREVIOUS\.$/m,
    )
  })
})

onEveryEngine('a sealed text that was damaged', (engine) => {
  const [old, fresh] = [newMasterKey(), newMasterKey()]
  const server = {} as TestServer
  before(async () => {
    Object.setPrototypeOf(server, await startTestServer(engine, { env: keyVariables({ primary: old }) }))
    await registerWithSecondFactor(server)
    await execute(server.env.DATABASE_URL ?? '', `update totp set secret_sealed = 'damaged'`)
    await restartWith(server, { primary: fresh, previous: old })
  })
  after(() => server.close?.())

  it('is named, and blocks nothing else', async () => {
    const { stdout } = await runCommand(server, ['--json', 'keys', 'reseal'])
    const { unopened, left } = JSON.parse(stdout)
    assert.deepEqual(
      unopened.map((text: string) => text.split(' ')[0]),
      ['totp'],
    )
    assert.deepEqual(
      left.map(({ sealed }: { sealed: number }) => sealed),
      [1],
    )
    const runs = 6
    for (let run = 0; run < runs; run++) await server.maintain()
    const complaints = server.log.filter(({ msg }) => msg === 'cannot decrypt with any configured master key')
    assert.ok(complaints.length > 0 && complaints.length < runs, `${complaints.length} complaints`)
  })
})
