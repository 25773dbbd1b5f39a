import type { JsonObject, ReadEntry } from '../read/entry.ts'

const providers = [
  { providerId: 'google.com', from: 7 },
  { providerId: 'facebook.com', from: 11 },
  { providerId: 'twitter.com', from: 15 },
  { providerId: 'github.com', from: 19 },
]

const columns = 28

/** Whether a row has as many fields as Firebase writes, which ends each with one more comma. */
export function isFirebaseRow(fields: string[]): boolean {
  return fields.length === columns || (fields.length === columns + 1 && fields.at(-1) === '')
}

/** A row of Firebase's CSV, whose columns have no names, as the object that its JSON has. */
function userInRow(fields: string[]): { value: JsonObject } | { refused: string } {
  if (!isFirebaseRow(fields)) return { refused: `${fields.length} fields for ${columns} columns` }
  const [localId, email, emailVerified, passwordHash, salt, displayName, photoUrl] = fields
  const [createdAt, lastSignedInAt, phoneNumber, disabled, customAttributes] = fields.slice(23)
  return {
    value: {
      localId,
      email,
      emailVerified,
      passwordHash,
      salt,
      photoUrl,
      createdAt,
      lastSignedInAt,
      phoneNumber,
      disabled,
      customAttributes,
      displayName: withoutQuotes(displayName),
      providerUserInfo: providers.map(({ providerId, from }) => ({ providerId, rawId: fields[from] })),
    },
  }
}

/** A quote within the name is not doubled, so those around it are still there. */
function withoutQuotes(name = ''): string {
  return /^".*"$/s.test(name) ? name.slice(1, -1) : name
}

/** An entry of the CSV file. */
export function userEntry(entry: { line: number; value: string[] }): ReadEntry<JsonObject> {
  return { line: entry.line, ...userInRow(entry.value) }
}
