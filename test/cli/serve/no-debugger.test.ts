import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { eventually } from '../../harness/events.ts'
import { createData, onEveryEngine } from '../../harness/harness.ts'
import { startProgram } from '../../harness/program.ts'

onEveryEngine('SIGUSR1, by which Node opens its debugger', (engine) => {
  it('opens none in a server, nor in its workers, and ends nothing', async () => {
    const data = await createData(engine)
    const program = await startProgram(data.env, engine === 'postgres' ? ['serve', '--workers', '2'] : [])
    try {
      for (const pid of [program.pid, ...(await childrenOf(program.pid))]) process.kill(pid, 'SIGUSR1')
      for (let request = 0; request < 5; request++)
        assert.equal((await program.request('GET', '/healthz')).status, 200)
    } finally {
      const { code, stderr } = await program.stop()
      assert.equal(code, 0)
      assert.doesNotMatch(stderr, /Debugger|ws:/)
      await data.drop()
    }
  })
})

describe('the ways of starting a server', () => {
  it('disable SIGUSR1 from the start of Node', async () => {
    for (const file of ['package.json', 'Dockerfile', 'deploy/manydoors.service', 'deploy/manydoors'])
      assert.match(await readFile(file, 'utf8'), /--disable-sigusr1/, file)
  })
})

/** The processes that one has started and that run. */
async function childrenOf(pid: number): Promise<number[]> {
  return eventually('a list of processes', async () => {
    const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
    return text.split(' ').filter(Boolean).map(Number)
  })
}
