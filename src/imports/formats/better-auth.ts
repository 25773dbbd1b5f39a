import type { ImportEntry, ImportRecord } from '../../core/imports/neutral.ts'
import { openScratchIndex, type ScratchIndex } from '../../lib/scratch-index.ts'
import { entryOf, type Reading } from '../entry-of.ts'
import { type FormatOptions, type ImportFile, type ImportFormat, UnreadableImport } from '../format.ts'
import type { JsonObject } from '../read/entry.ts'
import { asBoolean, asText } from '../values/text.ts'
import { asTime } from '../values/time.ts'
import { fieldOf, readBetterAuthTables } from './better-auth-tables.ts'

/** The tables of better-auth. Second factors are sealed with a cipher that Node does not have, and so are left. */
export const betterAuth: ImportFormat = {
  name: 'better-auth',
  description: 'better-auth: the tables user, account and twoFactor, as JSON or CSV',
  read,
}

async function* read(
  files: ImportFile[],
  options: FormatOptions,
): AsyncGenerator<ImportEntry, void, undefined> {
  const named = { source: options.source ?? 'better-auth', verified: options.verified }
  using index = openScratchIndex()
  await indexByUser(files, index)
  let hasUsers = false
  for await (const row of readBetterAuthTables(files)) {
    if (row.table === 'user') hasUsers = true
    if ('refused' in row) yield { file: row.file.name, line: row.line, refused: row.refused }
    else if (row.table === 'user')
      yield entryOf({ file: row.file.name, line: row.line }, readUser(row.value, index, options.now), named)
  }
  if (!hasUsers) throw new UnreadableImport('no file has the table user')
}

/** Of an account, what a user needs to know of it. */
interface Account {
  provider: string
  subject?: string
  password?: string
}

async function indexByUser(files: ImportFile[], index: ScratchIndex): Promise<void> {
  for await (const row of readBetterAuthTables(files)) {
    if (row.table === 'user' || !('value' in row)) continue
    const userId = asText(fieldOf(row.value, 'userId'))
    const provider = asText(fieldOf(row.value, 'providerId'))
    if (userId === undefined) continue
    if (row.table === 'twoFactor') index.add(`second factor of ${userId}`, '')
    else if (provider !== undefined)
      index.add(`account of ${userId}`, JSON.stringify(accountOf(row.value, provider)))
  }
}

function accountOf(row: JsonObject, provider: string): Account {
  return { provider, subject: asText(fieldOf(row, 'accountId')), password: asText(row.password) }
}

function readUser(user: JsonObject, index: ScratchIndex, now: number): Reading {
  const field = (column: string) => fieldOf(user, column)
  if (asBoolean(field('isAnonymous'))) return { skipped: 'anonymous' }
  const id = asText(user.id)
  const accounts: Account[] = index.all(`account of ${id}`).map((text) => JSON.parse(text))
  const passwords = accounts
    .filter(({ provider }) => provider === 'credential')
    .flatMap(({ password }) => password ?? [])
  return {
    record: {
      sourceId: id,
      id,
      email: asText(user.email),
      emailVerified: asBoolean(field('emailVerified')),
      username: asText(user.username),
      phone: asText(field('phoneNumber')),
      phoneVerified: asBoolean(field('phoneNumberVerified')),
      ...passwordOf(passwords[0]),
      disabled: isBanned(user, now) || undefined,
      createdAt: asTime(field('createdAt')),
      profile: {
        name: asText(user.name),
        image: asText(user.image),
        displayUsername: asText(field('displayUsername')),
      },
      attributes: { role: asText(user.role), banReason: asText(field('banReason')) },
      identities: accounts.flatMap(({ provider, subject }) =>
        provider === 'credential' || subject === undefined ? [] : [{ provider, subject }],
      ),
    },
    dropped: [
      ...(passwords.length > 1 ? ['password: another one'] : []),
      ...secondFactor(
        index.first(`second factor of ${id}`) !== undefined,
        asBoolean(field('twoFactorEnabled')),
      ),
    ],
  }
}

/** An app may have set a hasher of its own, whose texts say what they are. */
function passwordOf(stored: string | undefined): Pick<ImportRecord, 'passwordHash' | 'password'> {
  if (stored === undefined) return {}
  const isOwn = /^[0-9a-f]+:[0-9a-f]+$/i.test(stored)
  return isOwn ? { password: { kind: 'better-auth-scrypt', hash: stored } } : { passwordHash: stored }
}

/** A ban without an end lasts. */
function isBanned(user: JsonObject, now: number): boolean {
  const end = asTime(fieldOf(user, 'banExpires'))
  return asBoolean(user.banned) === true && (end === undefined || Date.parse(end) > now)
}

/** One without a row has lost nothing that there was, unless the file of the table is missing. */
function secondFactor(hasRow: boolean, isEnabled: boolean | undefined): string[] {
  if (isEnabled) return ['totp: sealed with BETTER_AUTH_SECRET (XChaCha20-Poly1305)']
  return hasRow ? ['totp: was not confirmed'] : []
}
