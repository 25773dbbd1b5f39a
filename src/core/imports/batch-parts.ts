import type { TakenHash } from './hash-intake.ts'
import type { EntryPlace } from './neutral.ts'
import type { Plan } from './plan.ts'
import type { Tally } from './tally.ts'

/** An entry and what is to become of it. */
export interface PlannedEntry {
  place: EntryPlace
  plan: Plan
}

/** What became of the hashes of a batch, by where their entries stand. */
export type Hashes = Map<EntryPlace, TakenHash | { refused: string }>

/** A run amid its work: how far it has come. */
export interface RunState {
  /** `undefined` in a dry run. */
  runId?: string
  position: number
  tally: Tally
}

/** `users.csv:17`. */
export function placeText({ file, line }: EntryPlace): string {
  return `${file}:${line}`
}
