import type { Scenario } from './load.ts'
import { fewPeople } from './stage.ts'

/** Of each person in one measurement, each of another session. */
const signOutsPerPerson = 40

/** Whom a scenario needs, and what one measurement of it is: for so many seconds, or so many sign-outs. */
export function plan(scenario: Scenario, { rounds, seconds }: { rounds: number; seconds: number }) {
  if (scenario !== 'sign-out') return { population: fewPeople, work: { scenario, seconds } }
  const credebl = (signOutsPerPerson + 1) * (rounds + 1) + 1
  const amount = fewPeople.people * signOutsPerPerson
  return { population: { ...fewPeople, credebl }, work: { scenario, amount } }
}
