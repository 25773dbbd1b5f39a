import { z } from 'zod'
import type { ImportRecord } from '../../core/imports/neutral.ts'

const text = z.string().min(1)
/** ISO 8601 with an offset, which is turned into UTC. */
const time = z.iso.datetime({ offset: true }).transform((given, context) => {
  const at = new Date(given)
  if (!Number.isNaN(at.getTime())) return at.toISOString()
  context.addIssue({ code: 'custom' })
  return z.NEVER
})
const object = z.record(z.string(), z.unknown())
const base32 = z.string().regex(/^[A-Za-z2-7]+=*$/)

/** What a line may hold, and for people what is expected of each field. */
const fields = {
  source: [z.string().regex(/^[a-z0-9._-]{1,64}$/), 'a name of at most 64 of a-z, 0-9 and ._-'],
  sourceId: [text, 'a text'],
  id: [text, 'a text'],
  email: [text, 'a text'],
  emailVerified: [z.boolean(), 'true or false'],
  username: [text, 'a text'],
  phone: [text, 'a text'],
  phoneVerified: [z.boolean(), 'true or false'],
  passwordHash: [text, 'a text'],
  password: [z.looseObject({ kind: text, hash: text }), 'an object with kind and hash'],
  passwordPending: [z.string().regex(/^[a-z0-9-]{1,64}$/), 'the name of a dialect'],
  disabled: [z.boolean(), 'true or false'],
  disabledUntil: [time, 'a time in ISO 8601 with an offset'],
  createdAt: [time, 'a time in ISO 8601 with an offset'],
  lastSignInAt: [time, 'a time in ISO 8601 with an offset'],
  invitedAt: [time, 'a time in ISO 8601 with an offset'],
  knownAddresses: [z.array(text), 'a list of texts'],
  profile: [object, 'an object'],
  attributes: [object, 'an object'],
  totp: [
    z.array(
      z.object({
        secret: base32,
        algorithm: text.default('SHA1'),
        digits: z.int().positive().default(6),
        period: z.int().positive().default(30),
        name: text.optional(),
      }),
    ),
    'a list of { secret in base32, algorithm, digits, period, name }',
  ],
  recoveryCodes: [z.array(text), 'a list of texts'],
  identities: [z.array(z.object({ provider: text, subject: text })), 'a list of { provider, subject }'],
  sessions: [
    z.array(
      z.object({
        refreshHash: z.string().regex(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/),
        client: text.optional(),
        expiresAt: time,
      }),
    ),
    'a list of { refreshHash as sha256:… or sha512:…, client, expiresAt }',
  ],
} satisfies Record<keyof ImportRecord, [schema: z.ZodType, expected: string]>

const names = Object.keys(fields) as (keyof typeof fields)[]

/** What is made of an object of the neutral form; nothing of its values is in `refused` or `dropped`. */
export type ReadRecord = { record: ImportRecord; dropped?: string[] } | { refused: string }

/**
 * Reads an account in the neutral form. A field that is `null`, or a text without a character, is not there; one that is
 * not known is named in `dropped`.
 */
export function readNeutral(value: unknown): ReadRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { refused: 'no JSON object' }
  const given = new Map(
    Object.entries(value).filter(
      ([, content]) => content !== null && content !== undefined && content !== '',
    ),
  )
  const record: Partial<Record<keyof ImportRecord, unknown>> = {}
  for (const name of names) {
    if (!given.has(name)) continue
    const [schema, expected] = fields[name]
    const read = schema.safeParse(given.get(name))
    if (!read.success) return { refused: `${name}: not ${expected}` }
    record[name] = read.data
  }
  for (const name of ['source', 'sourceId'] as const)
    if (record[name] === undefined) return { refused: `${name} is missing` }
  if (record.passwordHash && record.password) return { refused: 'both passwordHash and password' }
  const dropped = [...given.keys()].filter((name) => !Object.hasOwn(fields, name)).map(unknownField)
  return { record: record as unknown as ImportRecord, ...(dropped.length > 0 && { dropped }) }
}

/** A name may be anything that somebody has put there, so only one that looks like a name of a field is repeated. */
function unknownField(name: string): string {
  return /^[A-Za-z_][\w.-]{0,39}$/.test(name)
    ? `${name}: no field of the neutral form`
    : 'a field that is not known'
}
