import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common'
import type { Guess, Weakness } from '../core/passwords/guess.ts'

/** Of zxcvbn's 0 to 4: 10^8 guesses or more. */
const minScore = 3

/** The rest is ignored, as the time grows with the square of the length. */
const maxCharacters = 128

/** Passwords that are long, and in every article about passwords. */
const textbookPasswords = [
  'correcthorsebatterystaple',
  'correct horse battery staple',
  'correct-horse-battery-staple',
  'tr0ub4dor&3',
]

const estimator = new ZxcvbnFactory({
  dictionary: { ...dictionary, textbook: textbookPasswords },
  graphs: adjacencyGraphs,
  maxLength: maxCharacters,
  // A fifth of the library's default: a password made for it could take a tenth of a second.
  l33tMaxSubstitutions: 20,
})

/**
 * What makes a password easy to guess: that it is common or follows a pattern, or that it is little more than what is
 * known of its owner. `undefined` when it is hard to guess. Takes milliseconds of the processor, and a tenth of a second
 * where a password is made for that; loading this file takes 30 MB. So it is for a thread of its own.
 */
export function findWeakness({ password, known }: Guess): Weakness | undefined {
  const isWeak = (text: string) => estimator.check(text).score < minScore
  const judged = password.slice(0, maxCharacters).toLowerCase()
  const { score, sequence } = estimator.check(judged, known)
  // Also as they are disguised: `l4stn4me`.
  const disguised = sequence.filter(({ dictionaryName }) => dictionaryName === 'userInputs')
  const rest = without(judged, [...known, ...disguised.map(({ token }) => token)])
  if (score >= minScore && (rest === judged || !isWeak(rest))) return undefined
  return rest === judged || isWeak(judged) ? 'too_common' : 'too_personal'
}

function without(text: string, words: string[]): string {
  const byLength = words.toSorted((a, b) => b.length - a.length)
  return byLength.reduce((rest, word) => rest.replaceAll(word, ''), text)
}
