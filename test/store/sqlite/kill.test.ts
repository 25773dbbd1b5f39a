import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createCluster } from '../../global-setup.ts'
import { select } from '../../harness/database.ts'
import { credebl, minbil, type Person, type Target } from '../../harness/doors.ts'
import { type Engine, freshEmail, onEveryEngine, type TestData } from '../../harness/harness.ts'
import { type Program, startProgram } from '../../harness/program.ts'
import { assertPastIsOver, type Chain, openChain, turn } from '../refresh-chain.ts'

const kills = 3
const clientsPerDoor = 4
const signUpsPerRound = 40
/** The program is killed when so many refreshes were answered, at least and at most. */
const soonest = 280
const latest = 400

onEveryEngine('kill -9', (engine) => {
  it('loses nothing that was answered, and lets no token be used twice', async (test) => {
    const data = await createDurableData(engine)
    const env = {
      ...data.env,
      LOG_LEVEL: 'error',
      MANYDOORS_SECRET: randomBytes(32).toString('base64'),
      MANYDOORS_TRUSTED_PROXIES: '127.0.0.1',
    }
    const thefts = () =>
      select(env.DATABASE_URL, `select id from audit where event = 'session.reuse_detected'`)
    let program = await startProgram(env)
    try {
      const clients = await openClients(program)
      for (let round = 0; round < kills; round++) {
        const signUps = Array.from({ length: signUpsPerRound }, freshSignUp)
        test.diagnostic(await killAmid(program, clients, signUps))
        program = await startProgram(env)
        // Before anything else, as minbil's window is short.
        for (const { chain, target } of clients) await turn(target(program), chain)
        await Promise.all(signUps.map((signUp) => assertWholeOrAbsent(program, signUp)))
      }

      // The second confirms the first, and so leaves no excuse to any that came before.
      for (const { chain, target } of [...clients, ...clients]) await turn(target(program), chain)
      const lapses = clients.reduce((sum, { chain }) => sum + chain.lapses, 0)
      assert.equal((await thefts()).length, lapses, 'somebody was signed out')
      for (const { chain, target } of clients)
        await assertPastIsOver(target(program), chain, randomInt(2, chain.history.length))
      assert.equal((await thefts()).length, lapses + clients.length)
    } finally {
      await program.kill()
      await data.drop()
    }
  })
})

/** On a disk, and in a PostgreSQL of its own that keeps what it has confirmed, as those of all tests need not. */
async function createDurableData(engine: Engine): Promise<TestData> {
  const folder = await mkdtemp('/var/tmp/manydoors-kill-')
  const cluster = engine === 'postgres' ? await createCluster() : undefined
  return {
    env: { MANYDOORS_DATA: folder, DATABASE_URL: cluster?.url ?? `sqlite:${join(folder, 'test.db')}` },
    drop: async () => {
      await cluster?.remove()
      await rm(folder, { recursive: true })
    },
  }
}

type TargetOf = (program: Program) => Target

interface Client {
  chain: Chain
  target: TargetOf
}

interface SignUp extends Person {
  target: TargetOf
  /** `undefined` while no answer has come. */
  status: number | undefined
}

function openClients(program: Program): Promise<Client[]> {
  const doors = [minbil, credebl].flatMap((door) => Array.from({ length: clientsPerDoor }, () => door))
  return Promise.all(
    doors.map(async (door) => {
      const target = fromOwnAddress()
      return { target, chain: await openChain(target(program), door) }
    }),
  )
}

function freshSignUp(): SignUp {
  const password = randomBytes(9).toString('base64')
  return { email: freshEmail(), password, target: fromOwnAddress(), status: undefined }
}

/** Has all clients refresh, and people sign up, until the program is killed amid it all. Returns a word on that. */
async function killAmid(program: Program, clients: Client[], signUps: SignUp[]): Promise<string> {
  const refreshesBefore = randomInt(soonest, latest)
  let refreshes = 0
  let signedUp = 0
  let isDying = false

  /** Whether an answer came; none may fail to come before the program is killed. */
  const isAnswered = async (work: Promise<void>) => {
    try {
      await work
      return true
    } catch (error) {
      if (!isDying || error instanceof assert.AssertionError) throw error
      return false
    }
  }
  const reached = Promise.withResolvers<void>()
  const keepRefreshing = async ({ chain, target }: Client) => {
    while (await isAnswered(turn(target(program), chain)))
      if (++refreshes === refreshesBefore) reached.resolve()
  }
  const waiting = [...signUps]
  const keepSigningUp = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      if (!(await isAnswered(signUp(program, next)))) return
      signedUp++
    }
  }
  const kill = async () => {
    await reached.promise
    // So that no moment of a refresh is more likely than another.
    await pause(randomInt(0, 20))
    isDying = true
    const { stdout } = await program.kill()
    assert.doesNotMatch(stdout, /"level":[56]0/, 'an error was logged before the kill')
  }
  await Promise.all([kill(), ...clients.map(keepRefreshing), keepSigningUp(), keepSigningUp()])
  return `killed after ${refreshes} refreshes and ${signedUp} sign-ups`
}

async function signUp(program: Program, person: SignUp): Promise<void> {
  const { email, password } = person
  const answer = await person
    .target(program)
    .request('POST', '/api/co/auth/sign-up', { json: { email, password } })
  person.status = answer.status
}

/** An account whose sign-up was answered is there; one whose answer was lost is there whole or can be made. */
async function assertWholeOrAbsent(program: Program, person: SignUp): Promise<void> {
  if (person.status === undefined) {
    await signUp(program, person)
    assert.ok(person.status === 201 || person.status === 409, `sign-up again: ${person.status}`)
  } else {
    assert.equal(person.status, 201)
  }
  const { email, password } = person
  assert.equal((await minbil.signIn(person.target(program), { email, password })).status, 200)
}

let addresses = 0

/** Sends everything from an address that nobody else has: limits count by address. */
function fromOwnAddress(): TargetOf {
  const address = `10.0.${++addresses >> 8}.${addresses & 255}`
  return (program) => ({
    mail: program.mail,
    request: (method, path, options) =>
      program.request(method, path, {
        ...options,
        headers: { ...options?.headers, 'x-forwarded-for': address },
      }),
  })
}
