import type { ImportEntry } from '../../core/imports/neutral.ts'
import { entryOf, type Reading } from '../entry-of.ts'
import { type FormatOptions, type ImportFile, type ImportFormat, UnreadableImport } from '../format.ts'
import type { JsonObject } from '../read/entry.ts'
import { readJsonObjects } from '../read/json-objects.ts'
import { asText } from '../values/text.ts'
import { asTime } from '../values/time.ts'
import { readKratosCredentials } from './kratos-credentials.ts'
import { type NamePaths, readKratosNames, readNamePaths } from './kratos-names.ts'

/** Identities of Ory Kratos, in an array or one a line. */
export const kratos: ImportFormat = {
  name: 'kratos',
  description: 'Ory Kratos: identities with their credentials, as its admin API gives them',
  read,
}

async function* read(
  files: ImportFile[],
  options: FormatOptions,
): AsyncGenerator<ImportEntry, void, undefined> {
  const named = { source: options.source ?? 'kratos', verified: options.verified }
  const paths = readNamePaths(options.map)
  for (const file of files) {
    let isFound = false
    for await (const item of readJsonObjects(file)) {
      if (item.under !== undefined && item.under !== 'identities') continue
      isFound = true
      yield entryOf(
        { file: file.name, line: item.line },
        'value' in item ? readIdentity(item.value, paths) : item,
        named,
      )
    }
    if (!isFound) throw new UnreadableImport(`${file.name} has no identities`)
  }
}

function readIdentity(identity: JsonObject, paths: NamePaths): Reading {
  const { identifiers, dropped, ...credentials } = readKratosCredentials(identity.credentials)
  const { otherTraits, ...names } = readKratosNames(identity, paths, identifiers)
  const id = asText(identity.id)
  return {
    record: {
      sourceId: id,
      id,
      ...names,
      ...credentials,
      disabled: asText(identity.state) === 'inactive' || undefined,
      createdAt: asTime(identity.created_at),
      // Traits are what the person may change, the metadata is not.
      profile: otherTraits,
      attributes: { metadataPublic: identity.metadata_public, metadataAdmin: identity.metadata_admin },
    },
    dropped,
  }
}
