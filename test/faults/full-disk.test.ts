import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import type { DialectUnderTest } from '../contract/dialect-under-test.ts'
import { openSession, type Session, writeOnce } from '../contract/support.ts'
import { adapters } from '../dialects/adapters.ts'
import { sampleKey } from '../harness/master-keys.ts'
import { type Program, startProgram } from '../harness/program.ts'
import { behindProxy } from '../limits/callers.ts'
import { asServer } from './as-server.ts'
import { startLoad } from './load.ts'
import { assertUnavailable } from './outage.ts'

const run = promisify(execFile)

/** Refreshes and sign-ups that must succeed before the disk is full, and when there is room again. */
const workload = 60
const key = { MANYDOORS_SECRET: sampleKey(7).toString('base64') }

describe('a full disk under SQLite', () => {
  it('is never a success, and all works again when there is room', async (test) => {
    const folder = await mkdtemp(join(tmpdir(), 'manydoors-disk-'))
    const disk = await mountSmallDisk(folder)
    if (!disk) return test.skip('nothing can be mounted here')
    try {
      await bearsWantOfRoom(test, folder, () => disk)
    } finally {
      await disk.unmount()
      await rm(folder, { recursive: true })
    }
  })

  it('is the same where a file may not grow (setrlimit)', async (test) => {
    if (!(await isThere('prlimit'))) return test.skip('there is no prlimit here')
    const folder = await mkdtemp(join(tmpdir(), 'manydoors-disk-'))
    try {
      await bearsWantOfRoom(test, folder, ({ pid }) => limitOf(pid))
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

/** Takes away the room that a program has on its disk, and gives it back. */
interface Room {
  fill(): Promise<unknown>
  free(): Promise<unknown>
}

async function bearsWantOfRoom(
  test: TestContext,
  folder: string,
  roomOf: (program: Program) => Room,
): Promise<void> {
  const env = { ...behindProxy, ...key, MANYDOORS_DATA: folder, LOG_LEVEL: 'silent' }
  let program = await startProgram(env)
  try {
    const room = roomOf(program)
    const sessions = await openSessions(program)
    const load = await startLoad(program)
    try {
      await load.progress(workload)
      try {
        await room.fill()
        await load.refusals(20)
        await assertReadOnly(program, sessions)
      } finally {
        await room.free()
      }
      await load.progress(workload)
    } finally {
      test.diagnostic(await load.stop())
    }
    await load.assertNothingLost(program)
    await program.kill()
    program = await startProgram(env)
    await load.assertNothingLost(program)
  } finally {
    await program.kill()
  }
}

type Sessions = Map<DialectUnderTest, Session>

async function openSessions(program: Program): Promise<Sessions> {
  const server = asServer(program)
  const sessions: Sessions = new Map()
  for (const dialect of adapters) sessions.set(dialect, await openSession(dialect, server))
  return sessions
}

/** What must be written is refused at every door, and what is only read is answered. */
async function assertReadOnly(program: Program, sessions: Sessions): Promise<void> {
  for (const [dialect, session] of sessions)
    assertUnavailable(dialect, await writeOnce(dialect, asServer(program), session))
  for (const path of ['/healthz', '/readyz', '/.well-known/jwks.json'])
    assert.equal((await program.request('GET', path)).status, 200)
  const bearer = [...sessions].find(([{ name }]) => name === 'credebl')?.[1].access
  assert.equal((await program.request('GET', '/users/profile', { bearer })).status, 200)
}

/**
 * Mounts a small disk there; `undefined` where nobody may. It has room for the write-ahead log, which grows to 32 MB
 * before it begins anew, so that it is full when the test fills it and never by itself.
 */
async function mountSmallDisk(folder: string): Promise<(Room & { unmount(): Promise<unknown> }) | undefined> {
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder])
  } catch {
    await rm(folder, { recursive: true })
    return undefined
  }
  const ballast = join(folder, 'ballast')
  return {
    fill: () => assert.rejects(writeForEver(ballast), { code: 'ENOSPC' }),
    free: () => rm(ballast),
    unmount: () => run('umount', [folder]),
  }
}

async function writeForEver(path: string): Promise<never> {
  const file = await open(path, 'w')
  try {
    for (;;) await file.write(Buffer.alloc(4096))
  } finally {
    await file.close()
  }
}

function limitOf(pid: number): Room {
  const set = (bytes: string) => run('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`])
  return { fill: () => set('4096'), free: () => set('unlimited') }
}

async function isThere(command: string): Promise<boolean> {
  try {
    await run(command, ['--version'])
    return true
  } catch {
    return false
  }
}
