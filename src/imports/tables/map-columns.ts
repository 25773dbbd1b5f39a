import type { GivenHash } from '../../core/imports/neutral.ts'
import { asAddresses } from '../values/addresses.ts'
import { asBase32, hexAsBase32, textAsBase32 } from '../values/bytes.ts'
import { asBoolean, asText } from '../values/text.ts'
import { asTime } from '../values/time.ts'
import type { ColumnMap, FurtherColumns, ListColumn, TruthColumn } from './column-map.ts'
import type { Draft } from './draft.ts'
import type { AccountRow } from './table-format.ts'
import { totpOf } from './totp.ts'

/** What a map makes of a row; what it does not name is `undefined`. */
export function mapColumns(
  row: AccountRow,
  map: ColumnMap | FurtherColumns,
  secrets: Record<string, string>,
): { record: Draft } | { skipped: string } {
  const { columns } = row
  const fields: Partial<ColumnMap['fields']> = map.fields ?? {}
  if (map.skip && isThere(columns.value(map.skip))) return { skipped: `${map.skip} is set` }
  const text = (name: string | undefined) => (name === undefined ? undefined : columns.text(name))
  return {
    record: {
      sourceId: text(fields.sourceId),
      id: text(fields.id),
      email: text(fields.email),
      emailVerified: truthOf(row, fields.emailVerified),
      username: text(fields.username),
      phone: text(fields.phone),
      phoneVerified: truthOf(row, fields.phoneVerified),
      passwordHash: text(fields.passwordHash),
      password: passwordOf(row, 'password' in map ? map.password : undefined, secrets),
      disabled: truthOf(row, fields.disabled),
      createdAt: fields.createdAt && columns.time(fields.createdAt),
      lastSignInAt: fields.lastSignInAt && columns.time(fields.lastSignInAt),
      knownAddresses: asAddresses(listOf(row, fields.knownAddresses) ?? []),
      profile: valuesOf(row, map.profile),
      attributes: valuesOf(row, map.attributes),
      identities: identitiesOf(row, map.identities),
      totp: secondFactorOf(row, map.totp),
      recoveryCodes: listOf(row, fields.recoveryCodes),
    },
  }
}

/** A flag, or a time at which it became true; what is not there is false. */
function truthOf({ columns, drop }: AccountRow, truth: TruthColumn | undefined): boolean | undefined {
  if (truth === undefined) return undefined
  const column = typeof truth === 'string' ? truth : truth.column
  const value = columns.value(column)
  if (typeof truth !== 'string')
    return truth.true.includes(
      String(value ?? '')
        .trim()
        .toLowerCase(),
    )
  if (!isThere(value)) return false
  return (
    asBoolean(value) ?? (asTime(value) !== undefined || drop(`${column}: neither true nor false`) || false)
  )
}

/** Whether a column has anything in it but a no. */
function isThere(value: unknown): boolean {
  if (typeof value === 'object') return value !== null
  return asBoolean(value) ?? asText(value) !== undefined
}

function passwordOf(
  { columns }: AccountRow,
  map: ColumnMap['password'],
  { pepper, key }: Record<string, string>,
): GivenHash | undefined {
  const hash = map && columns.text(map.columns.hash)
  if (!map || !hash) return undefined
  const parameters = Object.entries(map.columns).map(([name, column]) => [name, columns.text(column) ?? ''])
  return {
    ...map.constants,
    ...Object.fromEntries(parameters),
    ...(pepper && { pepper }),
    ...(key && { key }),
    kind: map.kind,
    hash,
  }
}

/** Values as the file has them: JSON's keep their types. */
function valuesOf({ columns }: AccountRow, map: Record<string, string> | undefined) {
  const values = Object.entries(map ?? {}).map(([name, column]) => {
    const value = columns.value(column)
    return [name, typeof value === 'string' ? asText(value) : (value ?? undefined)]
  })
  return Object.fromEntries(values)
}

function identitiesOf({ columns }: AccountRow, map: Record<string, string> | undefined) {
  const identities = Object.entries(map ?? {}).flatMap(([provider, column]) => {
    const subject = columns.text(column)
    return subject ? [{ provider, subject }] : []
  })
  return identities.length > 0 ? identities : undefined
}

const secretReaders = { base32: asBase32, hex: hexAsBase32, text: textAsBase32 }

function secondFactorOf({ columns, drop }: AccountRow, map: ColumnMap['totp']) {
  const given = map && columns.text(map.secret)
  if (!map || !given) return undefined
  const { encoding, algorithm, digits, period } = map
  const secret = secretReaders[encoding](given)
  if (!secret) return drop(`second factor: no secret in ${encoding}`)
  return totpOf(secret, { algorithm, digits, period })
}

function listOf({ columns }: AccountRow, map: ListColumn | undefined): string[] | undefined {
  if (map === undefined) return undefined
  const { column, separator } = typeof map === 'string' ? { column: map, separator: ',' } : map
  const value = columns.value(column)
  const parts = (Array.isArray(value) ? value.map(String) : (columns.text(column)?.split(separator) ?? []))
    .map((part) => part.trim())
    .filter(Boolean)
  return parts.length > 0 ? parts : undefined
}
