import assert from 'node:assert/strict'
import { credebl, minbil, type Person } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import { freshEmail } from '../harness/harness.ts'
import type { Program } from '../harness/program.ts'
import { type Chain, openChain, turn } from '../store/refresh-chain.ts'
import { type PatientTarget, patiently } from './outage.ts'

const clientsPerDoor = 3

/** What goes on while something breaks. */
export interface Load {
  /** Waits for so many more successes. */
  progress(count: number): Promise<unknown>
  /** Waits until so many requests have been refused since the start. */
  refusals(count: number): Promise<unknown>
  /** Ends it; throws what has gone wrong in it, and returns a word on what was done. */
  stop(): Promise<string>
  /** Every session goes on where its last answer left it, and every account that was opened is there. */
  assertNothingLost(program: Program): Promise<void>
}

/** Has sessions refreshed and accounts opened, all the time, by callers who repeat what is refused with a 503. */
export async function startLoad(program: Program): Promise<Load> {
  const doors = [minbil, credebl].flatMap((door) => Array.from({ length: clientsPerDoor }, () => door))
  const clients = await Promise.all(
    doors.map(async (door) => {
      const target = patiently(program)
      return { target, chain: await openChain(target, door) }
    }),
  )
  const signedUp: Person[] = []
  const targets: PatientTarget[] = clients.map(({ target }) => target)
  let successes = 0
  let isOver = false

  const keepRefreshing = async ({ target, chain }: { target: PatientTarget; chain: Chain }) => {
    for (; !isOver; successes++) await turn(target, chain)
  }
  const keepSigningUp = async () => {
    for (; !isOver; successes++) signedUp.push(await signUp(program, targets))
  }
  const work = Promise.all([...clients.map(keepRefreshing), keepSigningUp()])
  const failure = work.then((): never => assert.fail('the load has ended'))
  failure.catch(() => {})
  const refused = () => targets.reduce((sum, { refusals }) => sum + refusals, 0)

  return {
    progress: (count) => {
      const goal = successes + count
      const reached = eventually(`${count} successes`, async () => successes >= goal || undefined)
      return Promise.race([reached, failure])
    },
    refusals: (count) =>
      Promise.race([eventually(`${count} refusals`, async () => refused() >= count || undefined), failure]),
    stop: async () => {
      isOver = true
      await work
      const lapses = clients.reduce((sum, { chain }) => sum + chain.lapses, 0)
      return `${successes} successes, ${refused()} refusals, ${lapses} lapses`
    },
    assertNothingLost: async (program) => {
      for (const { chain } of clients) await turn(patiently(program), chain)
      for (const person of signedUp) minbil.tokensOf(await minbil.signIn(patiently(program), person))
    },
  }
}

async function signUp(program: Program, targets: PatientTarget[]): Promise<Person> {
  const target = patiently(program)
  targets.push(target)
  const person = { email: freshEmail(), password: 'correct horse battery staple' }
  const { status, text } = await target.request('POST', '/api/co/auth/sign-up', { json: person })
  // One that was refused while its answer was on the way may have been kept, and then nothing can be made of it again.
  const isExpected = status === 201 || (status === 409 && target.refusals > 0)
  assert.ok(isExpected, `${status} ${text}`)
  return person
}
