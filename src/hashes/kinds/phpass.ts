import { createHash } from 'node:crypto'
import { readCryptNumber, writeCryptBase64 } from '../crypt-base64.ts'
import { type Derivation, hashOf } from '../derivation.ts'
import { type ForeignHash, UnusableHash } from '../foreign-hash.ts'

/** As binary logarithms: what the format begins with, and the most that is checked. */
const minRounds = 7
const maxRounds = 20

/** Neither WordPress nor Drupal hashes longer ones. */
const maxBytes = 4096

/** The two formats of the same loop: what it runs, and what becomes of the last digest. */
const formats = {
  phpass: { algorithm: 'md5', length: 22, msPerRound: 17 / 2 ** 13 },
  drupal7: { algorithm: 'sha512', length: 43, msPerRound: 90 / 2 ** 15 },
} as const

/** Reads `$P$` of WordPress before 6.8, and `$H$` of phpBB, which is the same. */
export function readPhpass(text: string): ForeignHash {
  const [, parameters, digest] = /^\$([PH]\$[./A-Za-z0-9]{9})([./A-Za-z0-9]{21}[./01])$/.exec(text) ?? []
  checkRounds('phpass', /^\$[PH]\$(.)/.exec(text)?.[1])
  if (parameters === undefined || digest === undefined) throw new UnusableHash('a damaged phpass')
  return hashOf(phpassFrom(parameters), Buffer.from(digest))
}

/** Reads `$S$` of Drupal 7 to 10.0, and `U$S$`, which is made of the MD5 that was there before. */
export function readDrupal7(text: string): ForeignHash {
  const [, parameters, digest] = /^(U?\$S\$[./A-Za-z0-9]{9})([./A-Za-z0-9]{43})$/.exec(text) ?? []
  checkRounds('drupal7', /^U?\$S\$(.)/.exec(text)?.[1])
  if (parameters === undefined || digest === undefined) throw new UnusableHash('a damaged drupal7')
  return hashOf(drupal7From(parameters), Buffer.from(digest))
}

/** Of `P$`, a digit for the rounds, and eight of salt. */
export function phpassFrom(parameters: string): Derivation {
  const [, rounds, salt] = /^[PH]\$(.)([./A-Za-z0-9]{8})$/.exec(parameters) ?? []
  return loopOf('phpass', { parameters, rounds, salt, isOfMd5: false })
}

/** Of `$S$` or `U$S$`, a digit for the rounds, and eight of salt. */
export function drupal7From(parameters: string): Derivation {
  const [, old, rounds, salt] = /^(U?)\$S\$(.)([./A-Za-z0-9]{8})$/.exec(parameters) ?? []
  return loopOf('drupal7', { parameters, rounds, salt, isOfMd5: old === 'U' })
}

/** As a binary logarithm; what is no digit is left to the form. */
function checkRounds(kind: keyof typeof formats, digit: string | undefined): number {
  const rounds = digit === undefined ? minRounds : readCryptNumber(digit)
  if (rounds < minRounds || rounds > maxRounds) throw new UnusableHash(`${kind} of 2^${rounds} rounds`)
  return rounds
}

function loopOf(
  kind: keyof typeof formats,
  read: { parameters: string; rounds: string | undefined; salt: string | undefined; isOfMd5: boolean },
): Derivation {
  const { parameters, salt, isOfMd5 } = read
  if (salt === undefined) throw new UnusableHash(`a damaged ${kind}`)
  const rounds = checkRounds(kind, read.rounds)
  const { algorithm, length, msPerRound } = formats[kind]
  return {
    recipe: `${kind}$${parameters}`,
    label: `${kind} 2^${rounds}`,
    costMs: 2 ** rounds * msPerRound,
    runsOn: 'caller',
    isFast: kind === 'phpass',
    digestOf: (password) => {
      const bytes = Buffer.from(isOfMd5 ? createHash('md5').update(password).digest('hex') : password)
      if (bytes.length > maxBytes) return undefined
      let digest = createHash(algorithm).update(salt).update(bytes).digest()
      for (let round = 0; round < 2 ** rounds; round++)
        digest = createHash(algorithm).update(digest).update(bytes).digest()
      return Buffer.from(writeCryptBase64(digest).slice(0, length))
    },
  }
}
