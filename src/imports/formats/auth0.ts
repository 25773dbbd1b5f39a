import type { ImportEntry } from '../../core/imports/neutral.ts'
import { openScratchIndex, type ScratchIndex } from '../../lib/scratch-index.ts'
import { entryOf, type Reading } from '../entry-of.ts'
import type { FormatOptions, ImportFile, ImportFormat } from '../format.ts'
import { asBoolean } from '../values/text.ts'
import { type Auth0Password, contentOf, passwordIn, readAuth0Objects } from './auth0-files.ts'
import { readAuth0User } from './auth0-user.ts'

/** What Auth0 exports, and what it imports. */
export const auth0: ImportFormat = {
  name: 'auth0',
  description:
    'Auth0: the users export as NDJSON or CSV with the export of password hashes, or files made for its bulk import',
  read: readAuth0,
}

async function* readAuth0(
  files: ImportFile[],
  options: FormatOptions,
): AsyncGenerator<ImportEntry, void, undefined> {
  const named = { source: options.source ?? 'auth0', verified: options.verified }
  const { users, passwords } = await sorted(files)
  using index = openScratchIndex()
  for (const file of passwords) await indexHashes(file, index)
  const hashOf = (id: string) => {
    const hash = index.first(`hash ${id}`)
    if (hash !== undefined) index.add(`used ${id}`, '')
    return hash
  }
  for (const file of users)
    for await (const entry of readAuth0Objects(file)) {
      const reading = 'refused' in entry ? { refused: entry.refused } : readAuth0User(entry.value, hashOf)
      yield entryOf({ file: file.name, line: entry.line }, reading, named)
    }
  for (const file of passwords)
    for await (const { line, reading } of readPasswords(file, index, users.length > 0))
      yield entryOf({ file: file.name, line }, reading, named)
}

async function sorted(files: ImportFile[]): Promise<Record<'users' | 'passwords', ImportFile[]>> {
  const found: Record<'users' | 'passwords', ImportFile[]> = { users: [], passwords: [] }
  for (const file of files) found[await contentOf(file)].push(file)
  return found
}

async function indexHashes(file: ImportFile, index: ScratchIndex): Promise<void> {
  for await (const entry of readAuth0Objects(file)) {
    const password = 'value' in entry ? passwordIn(entry.value) : undefined
    if (password) index.add(`hash ${password.id}`, password.hash)
  }
}

/** What is left of the hashes: without a file of users each is an account, else one whose user is missing. */
async function* readPasswords(
  file: ImportFile,
  index: ScratchIndex,
  hasUsers: boolean,
): AsyncGenerator<{ line: number; reading: Reading }, void, undefined> {
  for await (const entry of readAuth0Objects(file)) {
    const { line } = entry
    const password = 'value' in entry ? passwordIn(entry.value) : undefined
    if ('refused' in entry) yield { line, reading: { refused: entry.refused } }
    else if (!password) yield { line, reading: { refused: 'no password hash with an id' } }
    else if (!hasUsers) yield { line, reading: { record: recordOf(password) } }
    else if (index.first(`used ${password.id}`) === undefined)
      yield { line, reading: { skipped: 'a password hash whose user is in no file' } }
  }
}

function recordOf({ id, hash, email, isEmailVerified }: Auth0Password) {
  const userId = `auth0|${id}`
  return {
    sourceId: userId,
    id: userId,
    email,
    emailVerified: asBoolean(isEmailVerified),
    passwordHash: hash,
  }
}
