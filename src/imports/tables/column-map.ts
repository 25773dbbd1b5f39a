import { z } from 'zod'
import { UnreadableImport } from '../format.ts'

const column = z.string().min(1)
const truth = z.union([
  column,
  z.strictObject({ column, true: z.array(z.union([z.string(), z.number(), z.boolean()])).transform(texts) }),
])
const columns = z.record(z.string(), column)
const list = z.union([column, z.strictObject({ column, separator: z.string().min(1) })])

/** What may be added to what a format reads by itself. */
const furtherFields = {
  email: column.optional(),
  emailVerified: truth.optional(),
  username: column.optional(),
  phone: column.optional(),
  phoneVerified: truth.optional(),
  disabled: truth.optional(),
  createdAt: column.optional(),
  lastSignInAt: column.optional(),
  knownAddresses: list.optional(),
  recoveryCodes: list.optional(),
}

const further = {
  profile: columns.optional(),
  attributes: columns.optional(),
  identities: columns.optional(),
  totp: z
    .strictObject({
      secret: column,
      encoding: z.enum(['base32', 'hex', 'text']).default('base32'),
      algorithm: z.string().default('SHA1'),
      digits: z.int().positive().default(6),
      period: z.int().positive().default(30),
    })
    .optional(),
  skip: column.optional(),
}

const furtherSchema = z.strictObject({ fields: z.strictObject(furtherFields).optional(), ...further })

const schema = z.strictObject({
  source: z
    .string()
    .regex(/^[a-z0-9._-]{1,64}$/)
    .optional(),
  delimiter: z.string().length(1).optional(),
  columns: z.array(column).min(1).optional(),
  fields: z.strictObject({
    sourceId: column,
    id: column.optional(),
    passwordHash: column.optional(),
    ...furtherFields,
  }),
  password: z
    .strictObject({
      kind: z.string().min(1),
      columns: columns.and(z.object({ hash: column })),
      constants: z.record(z.string(), z.unknown()).default({}),
    })
    .optional(),
  ...further,
})

/** Which column is what: `map.yaml` of the format `csv`. */
export type ColumnMap = z.infer<typeof schema>

/** Columns of one's own beside those that a format reads. */
export type FurtherColumns = z.infer<typeof furtherSchema>

/** A column with a list, and what separates its parts where that is no comma. */
export type ListColumn = z.infer<typeof list>

/** The columns that are true, and where these are given, the texts that alone are. */
export type TruthColumn = z.infer<typeof truth>

/** Throws `UnreadableImport` that names what is wrong with the map. */
export function readColumnMap(map: Record<string, unknown> | undefined): ColumnMap {
  if (!map) throw new UnreadableImport('csv needs a map of its columns: --map map.yaml')
  const read = parse(schema, map)
  if (read.password && read.fields.passwordHash)
    throw new UnreadableImport('the map has both fields.passwordHash and password')
  return read
}

/** Throws `UnreadableImport` that names what is wrong with the map. */
export function readFurtherColumns(map: Record<string, unknown>): FurtherColumns {
  return parse(furtherSchema, map)
}

function parse<Schema extends z.ZodType>(schema: Schema, map: Record<string, unknown>): z.output<Schema> {
  const read = schema.safeParse(map)
  if (read.success) return read.data
  throw new UnreadableImport(`the map is not understood:\n${z.prettifyError(read.error)}`)
}

function texts(values: (string | number | boolean)[]): string[] {
  return values.map((value) => String(value).toLowerCase())
}
