import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { looksRandom, masterKeyBytes, notRandom } from '../lib/master-key-bytes.ts'
import { duration } from './setting-types.ts'

export { databaseUrl } from './database-url.ts'
export { sender } from './sender.ts'
export { smtpUrl } from './smtp-url.ts'

/** Said of what should hold settings and does not. */
export const section = 'must be a section of settings'

/** Text that is not empty. */
export const text = z
  .string({ error: ({ input }) => `must be text${typeof input === 'number' ? ': put it into quotes' : ''}` })
  .min(1, 'must be text')

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

/** Whether it can stand in a `Location` header as it is. */
export function isPrintable(address: string): boolean {
  return /^[\x21-\x7e]*$/.test(address)
}

/** Said of an address that cannot. */
export const unprintable =
  'must have ASCII characters alone: percent-encode the path, and write the host in punycode (xn--…)'

/** An origin; read without the slashes at its end. */
export const publicUrl = z
  .url({ protocol: /^https?$/, error: 'must be a URL such as https://auth.example.com', abort: true })
  .refine(isPrintable, { error: unprintable, abort: true })
  .refine(
    isWholeHost,
    'must be a host of its own, such as https://auth.example.com, without path, query, fragment and user',
  )
  .transform((url) => url.replace(/\/+$/, ''))

function isWholeHost(text: string): boolean {
  const { username, password, pathname, search, hash } = new URL(text)
  return /^\/*$/.test(pathname) && !/[?#@]/.test(text) && !`${username}${password}${search}${hash}`
}

/** What a server is called in SMTP. */
export const smtpName = z
  .string('must be a host name such as auth.example.com')
  .trim()
  .regex(
    /^(?:[a-z\d](?:[a-z\d.-]{0,251}[a-z\d])?|\[(?:IPv6:)?[\da-f:.]+\])$/i,
    'must be a host name such as auth.example.com',
  )

/** How long a connection that nobody uses is kept open; read as seconds. */
export const keepAlive = duration({ min: '1s', max: '1h' })

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
type LogLevel = (typeof logLevels)[number]
const inCapitals = logLevels.map((level) => level.toUpperCase() as Uppercase<LogLevel>)
/** The least that is worth a line; in capitals, too, as other servers have it. */
export const logLevel = z
  .enum([...logLevels, ...inCapitals], `must be one of ${logLevels.join(', ')}`)
  .transform((level) => level.toLowerCase())

/** Read as a path from the root. */
export const templateFolder = z
  .string('must be a folder with pages/ or messages/ in it')
  .transform((path) => resolve(path))
  .refine(holdsTemplates, 'must be a folder with pages/ or messages/ in it')

function holdsTemplates(folder: string): boolean {
  const isFolder = (name: string) => statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory()
  return ['pages', 'messages'].some(isFolder)
}

/** Whether phone numbers may begin like this. */
export function isPhonePrefix(text: string): boolean {
  return /^\+\d*$/.test(text)
}
