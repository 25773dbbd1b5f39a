import type { ZxcvbnFactory } from '@zxcvbn-ts/core'
import type { AnyContext } from './context.ts'

/** Whose password it is: what others know of them. */
export interface PasswordOwner {
  email?: string | null
  username?: string | null
  phone?: string | null
}

/** Of zxcvbn's 0 to 4: 10^8 guesses or more. */
const leastScore = 3

/** More is not looked at, as the time that it takes grows with the square. */
const mostCharacters = 128

/** Passwords that are long, and in every article about passwords. */
const textbookPasswords = [
  'correcthorsebatterystaple',
  'correct horse battery staple',
  'correct-horse-battery-staple',
  'tr0ub4dor&3',
]

/**
 * What makes a password easy to guess: that it is common or follows a pattern, or that it is little more than the
 * owner's name or address or the name of the service. `undefined` when it is hard to guess. Takes milliseconds of
 * the processor, and memory from its first use on.
 */
export async function findWeakness(
  ctx: AnyContext,
  password: string,
  owner: PasswordOwner,
): Promise<'too_common' | 'too_personal' | undefined> {
  const estimator = await openEstimator()
  const isWeak = (text: string) => estimator.check(text).score < leastScore
  const judged = password.slice(0, mostCharacters).toLowerCase()
  const known = knownWords(ctx, owner)
  const { score, sequence } = estimator.check(judged, known)
  // Also as they are disguised: `l4stn4me`.
  const disguised = sequence.filter(({ dictionaryName }) => dictionaryName === 'userInputs')
  const rest = without(judged, [...known, ...disguised.map(({ token }) => token)])
  if (score >= leastScore && (rest === judged || !isWeak(rest))) return undefined
  return rest === judged || isWeak(judged) ? 'too_common' : 'too_personal'
}

let opening: Promise<ZxcvbnFactory> | undefined

/** Loaded when it is first wanted: its lists take 30 MB, and many servers never want them. */
function openEstimator(): Promise<ZxcvbnFactory> {
  opening ??= loadEstimator()
  return opening
}

async function loadEstimator(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ])
  return new ZxcvbnFactory({
    dictionary: { ...dictionary, textbook: textbookPasswords },
    graphs: adjacencyGraphs,
    maxLength: mostCharacters,
    // A fifth of what is usual: a password made for it could hold up the server for a tenth of a second.
    l33tMaxSubstitutions: 20,
  })
}

/** What somebody who knows the owner and the service would try first, whole and in words, in small letters. */
function knownWords({ realm, clients }: AnyContext, { email, username, phone }: PasswordOwner): string[] {
  const [mailbox, domain = ''] = email?.split('@') ?? []
  const brands = [realm.name, realm.brand?.name, ...clients.map(({ brand }) => brand.name)]
  const names = [email, mailbox, domain.replace(/\.[^.]*$/, ''), username, phone, ...brands]
  const words = names.flatMap((name) => (name ? [name, ...name.split(/[^\p{L}\p{N}]+/u)] : []))
  // In the form that passwords are judged in.
  return [...new Set(words.map((word) => word.normalize('NFC').toLowerCase()))].filter(
    (word) => word.length > 2,
  )
}

function without(text: string, words: string[]): string {
  const longestFirst = words.toSorted((a, b) => b.length - a.length)
  return longestFirst.reduce((rest, word) => rest.replaceAll(word, ''), text)
}
