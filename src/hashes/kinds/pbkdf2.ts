import { pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import { readBase64, writeBase64 } from '../base64.ts'
import { type Derivation, hashOf } from '../derivation.ts'
import { type ForeignHash, UnusableHash } from '../foreign-hash.ts'
import { isWithin, readCount } from '../parameters.ts'

const derive = promisify(pbkdf2)

const maxIterations = 2_000_000
/** Iterations times the blocks that the key is made of: a long key costs as much as many iterations. */
const maxWork = 5 * maxIterations
/** Fewer iterations are no more work than a digest or two of crypt(3): ASP.NET Identity 2 had 1000, PostgreSQL has 4096. */
const fastBelow = 10_000
const minKeyBytes = 16
const maxKeyBytes = 512

/** What a digest gives at once, and what an iteration of a block takes. */
const algorithms = {
  sha1: { blockBytes: 20, msPerIteration: 1.2e-4 },
  sha256: { blockBytes: 32, msPerIteration: 1.4e-4 },
  sha384: { blockBytes: 48, msPerIteration: 4.3e-4 },
  sha512: { blockBytes: 64, msPerIteration: 4.3e-4 },
} as const

/** A digest that PBKDF2 is known with. */
type Pbkdf2Algorithm = keyof typeof algorithms

/** A hash with everything told. */
export interface Pbkdf2Hash {
  algorithm: string
  iterations: number
  salt: Buffer
  key: Buffer
}

/** Reads `$pbkdf2-sha256$i=…,l=…$salt$key`, as PHC strings are written. */
export function readPbkdf2(text: string): ForeignHash {
  const [, parameters, key = ''] = /^\$pbkdf2-(.*)\$([^$]*)$/s.exec(text) ?? []
  const derivation = pbkdf2From(parameters ?? '')
  const bytes = readBase64(key)
  if (!bytes || bytes.length !== lengthIn(parameters ?? ''))
    throw new UnusableHash(`a damaged ${derivation.label}`)
  return hashOf(derivation, bytes)
}

/** Writes what `readPbkdf2` reads. */
export function writePbkdf2({ algorithm, iterations, salt, key }: Pbkdf2Hash): string {
  return `$pbkdf2-${algorithm}$i=${iterations},l=${key.length}$${writeBase64(salt)}$${writeBase64(key)}`
}

/**
 * Writes what `readPbkdf2` reads, of a system whose keys are as long as the digest. Throws `UnusableHash` where this one is
 * not.
 */
export function writeWholePbkdf2(hash: Pbkdf2Hash): string {
  const { algorithm, iterations, key } = hash
  const text = writePbkdf2(hash)
  // What it costs is told before how long it is.
  const isDear = !isWithin(iterations, 1, maxIterations)
  if (!isDear && isKnown(algorithm) && key.length !== algorithms[algorithm].blockBytes)
    throw new UnusableHash(`a damaged pbkdf2-${algorithm}`)
  return text
}

/** Of the digest's name, `i=…,l=…`, and the salt. */
export function pbkdf2From(parameters: string): Derivation {
  const [, algorithm = '', told, length, salt] =
    /^([a-z0-9]+)\$i=(\d{1,12}),l=(\d{1,4})\$([^$]*)$/.exec(parameters) ?? []
  if (salt === undefined || !isKnown(algorithm)) throw new UnusableHash('a damaged pbkdf2')
  const { blockBytes, msPerIteration } = algorithms[algorithm]
  const iterations = readCount(told)
  const keyBytes = readCount(length)
  const work = iterations * Math.ceil(keyBytes / blockBytes)
  if (!isWithin(iterations, 1, maxIterations) || work > maxWork)
    throw new UnusableHash(`pbkdf2-${algorithm} of ${told} iterations`)
  const saltBytes = readBase64(salt)
  if (!saltBytes || !isWithin(keyBytes, minKeyBytes, maxKeyBytes))
    throw new UnusableHash(`a damaged pbkdf2-${algorithm}`)
  return {
    recipe: `pbkdf2$${parameters}`,
    label: `pbkdf2-${algorithm} ${iterations}`,
    costMs: work * msPerIteration,
    runsOn: 'pool',
    isFast: iterations < fastBelow,
    digestOf: (password) => derive(password, saltBytes, iterations, keyBytes, algorithm),
  }
}

function isKnown(algorithm: string): algorithm is Pbkdf2Algorithm {
  return Object.hasOwn(algorithms, algorithm)
}

function lengthIn(parameters: string): number {
  return Number(/,l=(\d+)\$/.exec(parameters)?.[1])
}
