import type { ImportFormat } from '../format.ts'
import { readTables } from '../tables/read-tables.ts'
import type { AccountRow, Outcome, TableFormat } from '../tables/table-format.ts'
import { totpOf } from '../tables/totp.ts'
import { withMap } from '../tables/with-map.ts'
import { asBase32 } from '../values/bytes.ts'
import { readSerializedNames, readSerializedTexts } from './wordpress-meta.ts'

/** WordPress's tables `wp_users` and `wp_usermeta`, whatever their prefix is. */
export const wordpress: ImportFormat = {
  name: 'wordpress',
  description: 'WordPress: the tables wp_users and wp_usermeta as CSV or JSON',
  read: (files, options) => readTables(files, options, withMap(tables, options.map)),
}

const tables: TableFormat = {
  source: 'wordpress',
  tables: {
    users: { columns: ['ID', 'user_login', 'user_pass'] },
    usermeta: { columns: ['user_id', 'meta_key', 'meta_value'], joinedBy: 'user_id' },
  },
  // `user_registered` is in UTC whatever the site's time zone is.
  timeZone: 'UTC',
  recordOf,
}

function recordOf({ columns, joined, drop }: AccountRow): Outcome {
  if (columns.flag('deleted')) return { skipped: 'deleted' }
  const id = columns.text('ID')
  const meta = new Map<string, string>()
  for (const row of joined('usermeta', id)) {
    const [key, value] = [row.text('meta_key'), row.text('meta_value')]
    if (key && value) meta.set(key, value)
  }
  return {
    record: {
      sourceId: id,
      id,
      email: columns.text('user_email'),
      username: columns.text('user_login'),
      ...passwordOf(columns.text('user_pass')),
      disabled: columns.flag('spam') || undefined,
      createdAt: columns.time('user_registered'),
      profile: {
        name: columns.text('display_name'),
        firstName: meta.get('first_name'),
        lastName: meta.get('last_name'),
      },
      attributes: rolesIn(meta),
      totp: secondFactorIn(meta, drop),
    },
  }
}

function passwordOf(hash: string | undefined) {
  if (!hash || !/^[0-9a-f]{32}$/i.test(hash)) return { passwordHash: hash }
  return { password: { kind: 'digest', hash, algorithm: 'md5', format: '{password}', encoding: 'hex' } }
}

/** Roles of the main site, and of further sites of a network by their number. */
function rolesIn(meta: Map<string, string>): { roles?: string[]; sites?: Record<string, string[]> } {
  const found: { roles?: string[]; sites?: Record<string, string[]> } = {}
  for (const [key, value] of meta) {
    if (!key.endsWith('capabilities')) continue
    const roles = readSerializedNames(value)
    const site = /_(\d{1,9})_capabilities$/.exec(key)?.[1]
    if (roles.length === 0) continue
    if (site) found.sites = { ...found.sites, [site]: roles }
    else found.roles = roles
  }
  return found
}

function secondFactorIn(meta: Map<string, string>, drop: AccountRow['drop']) {
  if (meta.has('_two_factor_backup_codes')) drop('recovery codes: hashed')
  const secret = meta.get('_two_factor_totp_key')
  if (!secret) return undefined
  const enabled = meta.get('_two_factor_enabled_providers')
  if (enabled && !readSerializedTexts(enabled).includes('Two_Factor_Totp'))
    return drop('second factor: not in force')
  const base32 = asBase32(secret)
  return base32 ? totpOf(base32) : drop('second factor: no secret in base32')
}
