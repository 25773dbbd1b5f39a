import { foldEmail } from '../../core/accounts/emails.ts'
import type { ImportEntry } from '../../core/imports/neutral.ts'
import { openScratchIndex, type ScratchIndex } from '../../lib/scratch-index.ts'
import { entryOf, type Reading } from '../entry-of.ts'
import { type FormatOptions, type ImportFile, type ImportFormat, UnreadableImport } from '../format.ts'
import { readCsv, readCsvColumns } from '../read/csv.ts'
import type { Row } from '../read/entry.ts'
import { fileKindOf } from '../read/file-kind.ts'
import { asText } from '../values/text.ts'
import { readCredeblUser } from './credebl-user.ts'
import { readRealmUsers } from './keycloak.ts'
import { readKeycloakUser } from './keycloak-user.ts'

/** The users of CREDEBL, which keeps their ids and names, and its Keycloak, which keeps their passwords. */
export const credebl: ImportFormat = {
  name: 'credebl',
  description: 'CREDEBL: its table user as CSV, and what `kc.sh export` writes of its realm',
  read,
}

async function* read(
  files: ImportFile[],
  options: FormatOptions,
): AsyncGenerator<ImportEntry, void, undefined> {
  const named = { source: options.source ?? 'credebl', verified: options.verified }
  const { tables, realm } = await sorted(files)
  using index = openScratchIndex()
  await indexRealm(realm, index)
  for (const file of tables)
    for await (const row of readCsv(file))
      yield entryOf(
        { file: file.name, line: row.line },
        'value' in row ? readRow(row.value, index, options) : row,
        named,
      )
  yield* readOthers(realm, index)
}

async function sorted(files: ImportFile[]): Promise<{ tables: ImportFile[]; realm: ImportFile[] }> {
  const tables: ImportFile[] = []
  const realm: ImportFile[] = []
  for (const file of files) ((await fileKindOf(file)) === 'csv' ? tables : realm).push(file)
  if (tables.length === 0) throw new UnreadableImport('no file is the table user as CSV')
  for (const file of tables)
    if (!(await readCsvColumns(file)).includes('keycloakUserId'))
      throw new UnreadableImport(`${file.name} has no column keycloakUserId`)
  return { tables, realm }
}

/** Keeps each user of Keycloak once, by its place in the files, and the places by ids and addresses. */
async function indexRealm(realm: ImportFile[], index: ScratchIndex): Promise<void> {
  if (realm.length === 0) return
  for await (const item of readRealmUsers(realm)) {
    if (!('value' in item)) continue
    const place = placeOf(item)
    const [id, email] = [asText(item.value.id), asText(item.value.email)]
    index.add(`user ${place}`, JSON.stringify(item.value))
    if (id) index.add(`id ${id}`, place)
    if (email) index.add(`email ${foldEmail(email)}`, place)
  }
}

function readRow(row: Row, index: ScratchIndex, { timeZone }: FormatOptions): Reading {
  const place = placeOfUser(row, index)
  if (place !== undefined) index.add(`taken ${place}`, '')
  const user = place && index.first(`user ${place}`)
  return readCredeblUser(row, user ? JSON.parse(user) : undefined, timeZone)
}

/** One whose id the row has; only a row without an id goes by its address. */
function placeOfUser(row: Row, index: ScratchIndex): string | undefined {
  const id = asText(row.keycloakUserId)
  if (id !== undefined) return index.first(`id ${id}`)
  const email = asText(row.email)
  return email && index.first(`email ${foldEmail(email)}`)
}

/** What the realm has besides: CREDEBL does not know these. */
async function* readOthers(
  realm: ImportFile[],
  index: ScratchIndex,
): AsyncGenerator<ImportEntry, void, undefined> {
  if (realm.length === 0) return
  for await (const item of readRealmUsers(realm)) {
    const place = { file: item.file.name, line: item.line }
    if ('refused' in item) yield { ...place, refused: item.refused }
    else if (index.first(`taken ${placeOf(item)}`) === undefined) {
      const reading = readKeycloakUser(item.value)
      yield { ...place, skipped: 'skipped' in reading ? reading.skipped : 'not in the table user' }
    }
  }
}

function placeOf({ file, line }: { file: ImportFile; line: number }): string {
  return `${file.name}:${line}`
}
