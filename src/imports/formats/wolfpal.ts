import type { ImportEntry } from '../../core/imports/neutral.ts'
import { openScratchIndex, type ScratchIndex } from '../../lib/scratch-index.ts'
import { entryOf } from '../entry-of.ts'
import { type FormatOptions, type ImportFile, type ImportFormat, UnreadableImport } from '../format.ts'
import type { JsonObject, ReadEntry } from '../read/entry.ts'
import { readJsonObjects } from '../read/json-objects.ts'
import { asPlain } from '../values/mongo.ts'
import { asObject } from '../values/object.ts'
import { asText } from '../values/text.ts'
import { readWolfpalSession, readWolfpalUser, type WolfpalSession } from './wolfpal-user.ts'

/** The users of WolfPal and their sessions, from MongoDB. */
export const wolfpal: ImportFormat = {
  name: 'wolfpal',
  description:
    'WolfPal: what mongoexport writes of its users and, if they are to stay signed in, of its sessions',
  read,
}

async function* read(
  files: ImportFile[],
  options: FormatOptions,
): AsyncGenerator<ImportEntry, void, undefined> {
  const named = { source: options.source ?? 'wolfpal', verified: options.verified }
  using index = openScratchIndex()
  await indexSessions(files, index, options.now)
  let hasUsers = false
  for await (const { file, line, ...document } of readDocuments(files)) {
    const place = { file: file.name, line }
    if ('refused' in document) yield { ...place, refused: document.refused }
    else if (!isSession(document.value)) {
      hasUsers = true
      const sessions: WolfpalSession[] = index
        .all(asText(document.value._id) ?? '')
        .map((text) => JSON.parse(text))
      yield entryOf(place, readWolfpalUser(document.value, sessions), named)
    }
  }
  if (!hasUsers) throw new UnreadableImport('no file has users')
}

async function indexSessions(files: ImportFile[], index: ScratchIndex, now: number): Promise<void> {
  for await (const document of readDocuments(files)) {
    if (!('value' in document) || !isSession(document.value)) continue
    const userId = asText(document.value.user)
    const session = readWolfpalSession(document.value, now)
    if (userId !== undefined && session) index.add(userId, JSON.stringify(session))
  }
}

async function* readDocuments(
  files: ImportFile[],
): AsyncGenerator<ReadEntry<JsonObject> & { file: ImportFile }, void, undefined> {
  for (const file of files)
    for await (const { under, ...item } of readJsonObjects(file)) {
      if (under !== undefined) throw new UnreadableImport(`${file.name} is not what mongoexport writes`)
      yield 'value' in item
        ? { file, line: item.line, value: asObject(asPlain(item.value)) ?? {} }
        : { file, ...item }
    }
}

function isSession(document: JsonObject): boolean {
  return 'refreshTokenHash' in document && 'user' in document
}
