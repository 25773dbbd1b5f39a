import { type ImportFile, UnreadableImport } from '../format.ts'
import { readCsv } from '../read/csv.ts'
import type { JsonObject, ReadEntry, Row } from '../read/entry.ts'
import { fileKindOf } from '../read/file-kind.ts'
import { readJsonObjects } from '../read/json-objects.ts'
import { asPlain } from '../values/mongo.ts'
import { asText } from '../values/text.ts'

/** What a file of Auth0 has. */
export type Auth0Content = 'users' | 'passwords'

/** Which it is, by the first of its objects. Throws `UnreadableImport` when it is neither. */
export async function contentOf(file: ImportFile): Promise<Auth0Content> {
  for await (const entry of readAuth0Objects(file)) {
    if ('refused' in entry) continue
    if (passwordIn(entry.value)) return 'passwords'
    if (userFields.some((field) => Object.hasOwn(entry.value, field))) return 'users'
    throw new UnreadableImport(`${file.name} has neither users of Auth0 nor their password hashes`)
  }
  return 'users'
}

const userFields = ['user_id', 'email', 'username', 'phone_number']

/** The objects of a file, JSON of any shape or CSV. */
export async function* readAuth0Objects(
  file: ImportFile,
): AsyncGenerator<ReadEntry<JsonObject>, void, undefined> {
  const kind = await fileKindOf(file)
  if (kind === 'sql') throw new UnreadableImport(`${file.name} is SQL, and no export of Auth0`)
  if (kind !== 'csv') return yield* readJsonObjects(file)
  for await (const entry of readCsv(file))
    yield 'refused' in entry ? entry : { line: entry.line, value: userInRow(entry.value) }
}

/** CSV has the fields of metadata one by one. */
function userInRow(row: Row): JsonObject {
  const metadata: { [name: string]: [string, unknown][] } = { user_metadata: [], app_metadata: [] }
  const fields: [string, unknown][] = []
  for (const [column, value] of Object.entries(row)) {
    const [, name = '', field = ''] = /^(user_metadata|app_metadata)\.(.+)$/.exec(column) ?? []
    const list = metadata[name] ?? fields
    if (asText(value) !== undefined) list.push([field || column, value])
  }
  const objects = Object.entries(metadata).map(([name, list]) => [name, Object.fromEntries(list)])
  return Object.fromEntries([...fields, ...objects])
}

/** The hash of a database user. */
export interface Auth0Password {
  /** What follows `auth0|` in the id of the user. */
  id: string
  hash: string
  email: string | undefined
  isEmailVerified: unknown
}

/** An object of the export of hashes, as Auth0's support makes it; names differ in case. `undefined` when it is none. */
export function passwordIn(object: JsonObject): Auth0Password | undefined {
  const fields = new Map(Object.entries(object).map(([name, value]) => [name.toLowerCase(), value]))
  const id = asText(asPlain(fields.get('_id')))
  const hash = asText(fields.get('passwordhash'))
  if (id === undefined || hash === undefined) return undefined
  return { id, hash, email: asText(fields.get('email')), isEmailVerified: fields.get('email_verified') }
}
