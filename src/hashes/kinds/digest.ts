import { createHash, createHmac } from 'node:crypto'
import { readBase64, writeBase64 } from '../base64.ts'
import { type Derivation, hashOf } from '../derivation.ts'
import { type ForeignHash, UnusableHash } from '../foreign-hash.ts'
import { isWithin, readCount, readParameters } from '../parameters.ts'
import { fillTemplate, isTemplate } from './template.ts'

/** By name: how many bytes come out. */
const algorithms: Record<string, number> = { md5: 16, sha1: 20, sha256: 32, sha384: 48, sha512: 64 }

const maxRounds = 100_000

/** No salt of a system that is known is longer. */
const maxSaltBytes = 1024

/** What a digest of a short text takes. */
const msPerRound = 0.002

/** A digest of a password with a salt, or an HMAC of it, with everything told. */
export interface DigestHash {
  /** `md5`, `sha1`, `sha256`, `sha384` or `sha512`. */
  algorithm: string
  /** What is digested: text in which `{password}` and `{salt}` stand for what they are, and `{md5hex(password)}`. */
  format: string
  salt: Buffer
  digest: Buffer
  /** How often the digest is digested, the first time included; 1 when not given. */
  rounds?: number
  /** How the password becomes bytes; UTF-8 when not given. */
  encoding?: 'utf8' | 'utf16le'
  /** Of the key: then it is an HMAC. */
  secretId?: string
}

/** Reads `$md$digest$…$digest`, of which `writeDigest` has the parameters. */
export function readDigest(text: string): ForeignHash {
  const [, parameters = '', written = ''] = /^\$md\$digest\$([^$]*)\$([^$]*)$/.exec(text) ?? []
  const derivation = digestFrom(parameters)
  const digest = readBase64(written)
  if (digest?.length !== algorithms[algorithmIn(parameters)])
    throw new UnusableHash(`a damaged ${derivation.label}`)
  return hashOf(derivation, digest as Buffer)
}

/** Writes what `readDigest` reads. Throws `UnusableHash` for an algorithm that is none of ours, or a digest that is cut off. */
export function writeDigest({ algorithm, format, salt, digest, ...rest }: DigestHash): string {
  if (algorithms[algorithm] === undefined) throw new UnusableHash('a digest of an unknown algorithm')
  if (!isTemplate(format)) throw new UnusableHash(`${algorithm} of an unknown format`)
  if (digest.length !== algorithms[algorithm]) throw new UnusableHash(`a damaged ${algorithm}`)
  const { rounds = 1, encoding = 'utf8', secretId } = rest
  const parameters = [
    `algorithm=${algorithm}`,
    `format=${Buffer.from(format).toString('base64url')}`,
    ...(salt.length > 0 ? [`salt=${salt.toString('base64url')}`] : []),
    ...(rounds === 1 ? [] : [`rounds=${rounds}`]),
    ...(encoding === 'utf8' ? [] : [`encoding=${encoding}`]),
    ...(secretId === undefined ? [] : [`secret=${secretId}`]),
  ]
  return `$md$digest$${parameters.join(',')}$${writeBase64(digest)}`
}

/** Of the parameters that `writeDigest` writes. */
export function digestFrom(parameters: string): Derivation {
  const names = ['algorithm', 'format', 'salt', 'rounds', 'encoding', 'secret'] as const
  const read = readParameters(parameters, names)
  const { algorithm = '', encoding = 'utf8', secret: secretId } = read ?? {}
  const rounds = readCount(read?.rounds ?? '1')
  const format = read?.format === undefined ? '' : readBase64(read.format)?.toString()
  const salt = read?.salt === undefined ? Buffer.of() : readBase64(read.salt)
  const isKnown = Object.hasOwn(algorithms, algorithm) && (encoding === 'utf8' || encoding === 'utf16le')
  if (!isKnown || !format || !isTemplate(format) || !salt || salt.length > maxSaltBytes)
    throw new UnusableHash('a damaged digest')
  if (!isWithin(rounds, 1, maxRounds)) throw new UnusableHash(`${algorithm} of ${read?.rounds} rounds`)
  const digestOnce = (bytes: Buffer) => createHash(algorithm).update(bytes).digest()
  return {
    recipe: `digest$${parameters}`,
    label: `${secretId === undefined ? '' : 'hmac-'}${algorithm}${rounds === 1 ? '' : ` ${rounds}`}`,
    costMs: rounds * msPerRound,
    runsOn: rounds === 1 ? 'pool' : 'caller',
    ...(secretId !== undefined && { secretId }),
    isFast: true,
    digestOf: (password, key) => {
      const filled = fillTemplate(format, { password: Buffer.from(password, encoding), salt })
      if (secretId !== undefined) return key && createHmac(algorithm, key).update(filled).digest()
      let digest = digestOnce(filled)
      for (let round = 1; round < rounds; round++) digest = digestOnce(digest)
      return digest
    },
  }
}

function algorithmIn(parameters: string): string {
  return /^algorithm=([a-z0-9]+)/.exec(parameters)?.[1] ?? ''
}
