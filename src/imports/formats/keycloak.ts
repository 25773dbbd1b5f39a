import type { ImportEntry } from '../../core/imports/neutral.ts'
import { entryOf } from '../entry-of.ts'
import { type FormatOptions, type ImportFile, type ImportFormat, UnreadableImport } from '../format.ts'
import { type JsonItem, readJsonItems } from '../read/json-items.ts'
import { readKeycloakUser } from './keycloak-user.ts'

/** The users of a realm of Keycloak. */
export const keycloak: ImportFormat = {
  name: 'keycloak',
  description: 'Keycloak: what `kc.sh export --realm` writes, in one file or in many',
  read,
}

async function* read(
  files: ImportFile[],
  options: FormatOptions,
): AsyncGenerator<ImportEntry, void, undefined> {
  const named = { source: options.source ?? 'keycloak', verified: options.verified }
  for await (const { file, ...user } of readRealmUsers(files))
    yield entryOf(
      { file: file.name, line: user.line },
      'value' in user ? readKeycloakUser(user.value) : user,
      named,
    )
}

/** The users in files of a realm. Throws `UnreadableImport` when there are none, or several realms in a file. */
export async function* readRealmUsers(
  files: ImportFile[],
): AsyncGenerator<JsonItem & { file: ImportFile }, void, undefined> {
  let hasUsers = false
  for (const file of files)
    for await (const item of readJsonItems(file)) {
      if (item.under === undefined && 'value' in item && 'realm' in item.value)
        throw new UnreadableImport(`${file.name} has several realms: export one at a time, with --realm`)
      if (item.under !== 'users' && item.under !== undefined) continue
      hasUsers = true
      yield { ...item, file }
    }
  if (!hasUsers)
    throw new UnreadableImport(
      'no file has users: the export of the admin console leaves them out, that of `kc.sh export` has them',
    )
}
