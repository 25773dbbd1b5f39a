import { z } from 'zod'
import { looksRandom, masterKeyBytes, notRandom } from '../../lib/master-key-bytes.ts'
import { duration, optionalSection } from '../setting-types.ts'

const isMasterKey = (text: string) => Buffer.from(text, 'base64').length === masterKeyBytes
const masterKeyRule = 'must be 32 bytes in base64 (openssl rand -base64 32)'
const patternRule = `${notRandom}: make one with openssl rand -base64 32`

/** 32 bytes in base64, made at random; read as these. */
export const masterKey = z
  .string(masterKeyRule)
  .trim()
  .refine(isMasterKey, { error: masterKeyRule, abort: true })
  .transform((text) => Buffer.from(text, 'base64'))
  .refine(looksRandom, patternRule)

const masterKeysRule = 'must be keys of 32 bytes in base64, separated by commas'

/** Separated by commas or white space, so that a file may hold one a line. */
export const masterKeys = z
  .string(masterKeysRule)
  .transform((text) => text.split(/[\s,]+/).filter(Boolean))
  .refine((keys) => keys.every(isMasterKey), { error: masterKeysRule, abort: true })
  .transform((keys) => keys.map((key) => Buffer.from(key, 'base64')))
  .refine((keys) => keys.every(looksRandom), patternRule)

/** `keys` in the settings file. */
export const keysSection = optionalSection('The keys that sign access tokens', {
  rotateEvery: duration({ min: '1d', max: '3650d' })
    .optional()
    .describe('How long a signing key signs (90d)'),
})
