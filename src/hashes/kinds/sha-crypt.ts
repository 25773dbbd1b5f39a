import { createHash } from 'node:crypto'
import { writeCryptBase64 } from '../crypt-base64.ts'
import { type Derivation, hashOf } from '../derivation.ts'
import { type ForeignHash, UnusableHash } from '../foreign-hash.ts'
import { isWithin, readCount } from '../parameters.ts'

/** Of a password: its length enters the work squared, and no door takes a longer one. crypt(3) ends at 512. */
export const maxCryptBytes = 1024

const defaultRounds = 5000
const minRounds = 1000
const maxRounds = 1_000_000

/** By the number that the text begins with. `turn` says in which direction each next group of three is turned. */
const formats = {
  5: { algorithm: 'sha256', length: 43, bytes: 32, turn: 2, msPerRound: 13 / defaultRounds },
  6: { algorithm: 'sha512', length: 86, bytes: 64, turn: 1, msPerRound: 18 / defaultRounds },
} as const

type Format = (typeof formats)[5 | 6]

/** Reads `$5$` (sha256-crypt) and `$6$` (sha512-crypt), with or without `rounds=`. */
export function readShaCrypt(text: string): ForeignHash {
  const [, parameters, digest = ''] = /^\$([56]\$.*)\$([./A-Za-z0-9]*)$/s.exec(text) ?? []
  const derivation = shaCryptFrom(parameters ?? '')
  // The last digits hold bits that nothing stands for.
  const isWhole = text.startsWith('$5$') ? /^.{42}[./0-9A-D]$/.test(digest) : /^.{85}[./01]$/.test(digest)
  if (!isWhole) throw new UnusableHash(`a damaged ${nameOf(formatOf(text.charAt(1)))}`)
  return hashOf(derivation, Buffer.from(digest))
}

/** Of `5$` or `6$`, `rounds=…$` where it is told, and the salt. */
export function shaCryptFrom(parameters: string): Derivation {
  const [, number = '', told, salt] =
    /^([56])\$(?:rounds=(\d{1,12})\$)?([!-#%-9;-~]{0,16})$/.exec(parameters) ?? []
  if (salt === undefined) throw new UnusableHash('a damaged sha-crypt')
  const format = formatOf(number)
  const rounds = told === undefined ? defaultRounds : readCount(told)
  if (!isWithin(rounds, minRounds, maxRounds)) throw new UnusableHash(`${nameOf(format)} of ${told} rounds`)
  return {
    recipe: `sha-crypt$${parameters}`,
    label: `${nameOf(format)} ${rounds}`,
    costMs: rounds * format.msPerRound,
    runsOn: 'caller',
    isFast: false,
    digestOf: (password) => {
      const key = Buffer.from(password)
      return key.length > maxCryptBytes ? undefined : shaCrypt(format, key, Buffer.from(salt), rounds)
    },
  }
}

function formatOf(number: string): Format {
  return number === '5' ? formats[5] : formats[6]
}

function nameOf({ algorithm }: Format): string {
  return `${algorithm}-crypt`
}

/** The digest as its text has it (Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512", whose variables these are). */
function shaCrypt(format: Format, key: Buffer, salt: Buffer, rounds: number): Buffer {
  const sha = (...parts: Buffer[]) => {
    const hash = createHash(format.algorithm)
    for (const part of parts) hash.update(part)
    return hash.digest()
  }
  const b = sha(key, salt, key)
  const bits = [...key.length.toString(2)].reverse()
  const a = sha(key, salt, repeatTo(key.length, b), ...bits.map((bit) => (bit === '1' ? b : key)))
  const p = repeatTo(key.length, sha(...Array.from(key, () => key)))
  const s = repeatTo(salt.length, sha(...Array.from({ length: 16 + (a[0] ?? 0) }, () => salt)))
  let c = a
  for (let round = 0; round < rounds; round++) {
    const isOdd = round % 2 === 1
    const middle = [...(round % 3 ? [s] : []), ...(round % 7 ? [p] : [])]
    c = sha(isOdd ? p : c, ...middle, isOdd ? c : p)
  }
  return Buffer.from(writeInGroups(c, format))
}

/** The digits of a digest: bytes of its three thirds go together, and each group is turned once more than the last one. */
function writeInGroups(digest: Buffer, { bytes, turn }: Format): string {
  const third = Math.floor(bytes / 3)
  let text = ''
  for (let at = 0; at < third; at++) {
    const group = [at, at + third, at + 2 * third]
    const first = (at * turn) % 3
    const turned = [0, 1, 2].map((place) => digest[group[(first + place) % 3] ?? 0] ?? 0)
    text += writeCryptBase64(Buffer.from(turned.reverse()))
  }
  return text + writeCryptBase64(digest.subarray(3 * third))
}

/** So many bytes of one digest after the other. */
export function repeatTo(length: number, digest: Buffer): Buffer {
  return Buffer.alloc(length, digest)
}
