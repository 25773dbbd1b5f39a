import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import type { DatabaseLocation } from '../store/database.ts'

/** Said of what should hold settings and does not. */
export const section = 'must be a section of settings'

/** Text that is not empty. */
export const text = z
  .string({ error: ({ input }) => `must be text${typeof input === 'number' ? ': put it into quotes' : ''}` })
  .min(1, 'must be text')

/** `sqlite:PATH` or `postgres://…`. */
export const databaseUrl = z
  .string('must be sqlite:PATH or postgres://…')
  .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, 'must be sqlite:PATH or postgres://…')
  .transform(
    (url): DatabaseLocation =>
      url.startsWith('sqlite:')
        ? { engine: 'sqlite', path: url.slice('sqlite:'.length) }
        : { engine: 'postgres', url },
  )

const isMasterKey = (text: string) => Buffer.from(text, 'base64').length === 32
const masterKeyRule = 'must be 32 bytes in base64 (openssl rand -base64 32)'

/** 32 bytes in base64; read as these. */
export const masterKey = z
  .string(masterKeyRule)
  .trim()
  .refine(isMasterKey, masterKeyRule)
  .transform((text) => Buffer.from(text, 'base64'))

const masterKeysRule = 'must be keys of 32 bytes in base64, separated by commas'

/** Separated by commas or white space, so that a file may hold one a line. */
export const masterKeys = z
  .string(masterKeysRule)
  .transform((text) => text.split(/[\s,]+/).filter(Boolean))
  .refine((keys) => keys.every(isMasterKey), masterKeysRule)
  .transform((keys) => keys.map((key) => Buffer.from(key, 'base64')))

/** Whether it can stand in a `Location` header as it is. */
export function isPrintable(address: string): boolean {
  return /^[\x21-\x7e]*$/.test(address)
}

/** Said of an address that cannot. */
export const unprintable =
  'must have ASCII characters alone: percent-encode the path, and write the host in punycode (xn--…)'

/** Read without the slashes at its end. */
export const publicUrl = z
  .url({ protocol: /^https?$/, error: 'must be a URL such as https://auth.example.com', abort: true })
  .refine(isPrintable, unprintable)
  .transform((url) => url.replace(/\/+$/, ''))

/** Where mails are handed over. */
export const smtpUrl = z.url({ protocol: /^smtps?$/, error: 'must be smtp://… or smtps://…' })

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
/** The least that is worth a line. */
export const logLevel = z.enum(logLevels, `must be one of ${logLevels.join(', ')}`)

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
