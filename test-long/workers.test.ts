import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { eventually } from '../test/harness/events.ts'
import { createData } from '../test/harness/harness.ts'
import { startProgram } from '../test/harness/program.ts'

const skip = availableParallelism() < 2 && 'there is one core, and so one worker'

describe('serve --workers', { skip }, () => {
  it('exits, and logs why once, when no worker serves and none can be started', async () => {
    const data = await createData('postgres')
    const file = join(data.env.MANYDOORS_DATA, 'database-url')
    await writeFile(file, data.env.DATABASE_URL)
    const env = { MANYDOORS_DATA: data.env.MANYDOORS_DATA, DATABASE_URL_FILE: file, LOG_LEVEL: 'info' }
    const program = await startProgram(env, ['serve', '--workers', '2'])
    try {
      const pids = await eventually('two workers', async () => {
        const lines = [...program.output().matchAll(/"pid":(\d+),"msg":"worker ready"/g)]
        return lines.length === 2 ? lines.map(([, pid]) => Number(pid)) : undefined
      })
      await writeFile(file, 'postgres://me:hunter2@127.0.0.1:1/auth')
      for (const pid of pids) process.kill(pid, 'SIGKILL')

      const { code, stdout, stderr } = await program.ended
      assert.equal(code, 1)
      const reason = 'the database is unavailable: connect ECONNREFUSED 127.0.0.1:1'
      assert.equal(stderr, `no worker is left: ${reason}\n`)
      assert.doesNotMatch(stdout, /hunter2/)
      const deaths = stdout.match(/worker exited, restarting/g)?.length ?? 0
      assert.ok(deaths >= 5 && deaths <= 20, `${deaths} ends`)
    } finally {
      await program.kill()
      await data.drop()
    }
  })
})
