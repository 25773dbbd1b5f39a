import type { GivenHash } from '../../src/core/imports/neutral.ts'
import known from './vectors.json' with { type: 'json' }

/** A password, a hash that another system has made, and whether they belong together. */
export interface Vector {
  kind: string
  password: string
  hash: string
  params?: Record<string, unknown>
  ok: boolean
  source: string
  note?: string
}

/** Known answers of 38 kinds, made by the libraries and programs that have these kinds. */
export const vectors = known as Vector[]

/** Those of kinds that are refused by their name. */
export const refusedKinds = ['yescrypt', 'des-crypt']

/** Damaged or too dear: they must be refused, and not be tried. */
export const unusable = vectors.filter(({ source }) => source === 'made up')

/** Those that can be checked. */
export const usable = vectors.filter(
  (vector) => !unusable.includes(vector) && !refusedKinds.includes(vector.kind),
)

/** As an import gives it. */
export function givenOf({ kind, hash, params }: Vector): GivenHash {
  return { ...params, kind, hash }
}

/** Keeps secrets in memory. */
export function createSecrets() {
  const secrets: Buffer[] = []
  return {
    keep: (secret: Buffer): string => {
      const at = secrets.findIndex((kept) => kept.equals(secret))
      return String(at >= 0 ? at : secrets.push(secret) - 1)
    },
    get: (id: string | undefined): Buffer | undefined => (id === undefined ? undefined : secrets[Number(id)]),
    all: secrets,
  }
}
