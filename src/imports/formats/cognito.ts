import type { ImportEntry } from '../../core/imports/neutral.ts'
import { entryOf, type Reading } from '../entry-of.ts'
import { type FormatOptions, type ImportFile, type ImportFormat, UnreadableImport } from '../format.ts'
import { readCsv, readCsvColumns } from '../read/csv.ts'
import type { JsonObject, ReadEntry, Row } from '../read/entry.ts'
import { fileKindOf } from '../read/file-kind.ts'
import { readJsonObjects } from '../read/json-objects.ts'
import { asObjects } from '../values/object.ts'
import { asBoolean, asText } from '../values/text.ts'
import { asTime } from '../values/time.ts'
import { type CognitoUser, readCognitoUser } from './cognito-user.ts'

/** The users of a pool of Amazon Cognito, which never gives out a password's hash or a second factor. */
export const cognito: ImportFormat = {
  name: 'cognito',
  description: 'Amazon Cognito: the JSON of `list-users`, or CSV with the columns of its import template',
  read,
}

async function* read(
  files: ImportFile[],
  options: FormatOptions,
): AsyncGenerator<ImportEntry, void, undefined> {
  const named = { source: options.source ?? 'cognito', verified: options.verified }
  for (const file of files)
    for await (const item of readItems(file))
      yield entryOf({ file: file.name, line: item.line }, 'value' in item ? item.value : item, named)
}

async function* readItems(file: ImportFile): AsyncGenerator<ReadEntry<Reading>, void, undefined> {
  if ((await fileKindOf(file)) === 'csv') yield* readRows(file)
  else yield* readListed(file)
}

async function* readRows(file: ImportFile): AsyncGenerator<ReadEntry<Reading>, void, undefined> {
  if (!(await readCsvColumns(file)).includes('cognito:username'))
    throw new UnreadableImport(`${file.name} has no column cognito:username`)
  for await (const row of readCsv(file))
    yield 'value' in row ? { line: row.line, value: readCognitoUser(userOfRow(row.value)) } : row
}

function userOfRow(row: Row): CognitoUser {
  return {
    username: asText(row['cognito:username']),
    attributes: new Map(Object.entries(row)),
    hasSecondFactor: asBoolean(row['cognito:mfa_enabled']) === true,
  }
}

async function* readListed(file: ImportFile): AsyncGenerator<ReadEntry<Reading>, void, undefined> {
  let isFound = false
  for await (const item of readJsonObjects(file)) {
    if (item.under !== undefined && item.under !== 'Users') continue
    isFound = true
    yield 'value' in item ? { line: item.line, value: readCognitoUser(userOfJson(item.value)) } : item
  }
  if (!isFound) throw new UnreadableImport(`${file.name} has no Users`)
}

function userOfJson(user: JsonObject): CognitoUser {
  const attributes = asObjects(user.Attributes ?? user.UserAttributes)
  return {
    username: asText(user.Username),
    attributes: new Map(attributes.map(({ Name, Value }) => [asText(Name) ?? '', Value])),
    createdAt: asTime(user.UserCreateDate),
    isEnabled: asBoolean(user.Enabled),
    status: asText(user.UserStatus),
    hasSecondFactor: asObjects(user.MFAOptions).length > 0 || hasItems(user.UserMFASettingList),
  }
}

function hasItems(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0
}
