import type { EntryPlace } from '../../core/imports/neutral.ts'
import type { ImportOutcome } from '../../core/imports/options.ts'
import { createPrivateFile } from '../terminal/private-file.ts'

/** Where it is written what became of entries. */
export interface OutcomeFile {
  add(place: EntryPlace, outcome: ImportOutcome): void
  close(): void
}

export const noOutcomeFile: OutcomeFile = { add: () => {}, close: () => {} }

/**
 * A new file with a line of JSON for each entry that was not simply created: where it is, what became of it and why, and
 * the account, where there is one. Throws `CommandError` where there is such a file.
 */
export function createOutcomeFile(path: string): OutcomeFile {
  const file = createPrivateFile(path)
  return {
    add: ({ file: name, line }, outcome) => {
      const isPlain = outcome.what === 'created' && outcome.dropped.length === 0
      if (!isPlain) file.write(`${JSON.stringify({ file: name, line, ...outcome })}\n`)
    },
    close: file.close,
  }
}
