import { type ImportFormat, UnreadableImport } from '../format.ts'
import type { JsonObject } from '../read/entry.ts'
import { isJsonObject } from '../read/json.ts'
import { readTables } from '../tables/read-tables.ts'
import type { AccountRow, Outcome, TableFormat } from '../tables/table-format.ts'
import { emailOf } from './django-email.ts'
import { secondFactorOf } from './django-second-factor.ts'
import { ownedRows } from './django-user.ts'

/** Django's users, with what django-allauth and django-otp know of them, as `dumpdata` writes them, or the tables. */
export const django: ImportFormat = {
  name: 'django',
  description: 'Django: dumpdata of the users, or the table auth_user; also of django-allauth and django-otp',
  read: (files, { map, ...options }) => readTables(files, options, tablesWith(map?.model)),
}

/** `userModel` is the model of the users, such as `people.user`; it is found out when not given. */
function tablesWith(userModel: unknown): TableFormat {
  let model = typeof userModel === 'string' ? userModel.toLowerCase() : undefined
  return {
    source: 'django',
    tables,
    recordOf,
    unwrap: (row) => {
      const dumped = unwrapDumped(row)
      if (!dumped) return undefined
      if (!isUserModel(dumped.fields)) return { table: dumped.model.replace('.', '_'), row: dumped.row }
      if (typeof userModel === 'string' && dumped.model !== model)
        return { table: dumped.model, row: dumped.row }
      model ??= dumped.model
      if (model !== dumped.model)
        throw new UnreadableImport(
          `both ${model} and ${dumped.model} are models of users: name one as model in the map`,
        )
      return { table: 'auth_user', row: dumped.row }
    },
  }
}

const tables: TableFormat['tables'] = {
  auth_user: { columns: ['password', 'last_login'] },
  account_emailaddress: { columns: ['user_id', 'email', 'verified', 'primary'], joinedBy: 'user_id' },
  socialaccount_socialaccount: { columns: ['user_id', 'provider', 'uid'], joinedBy: 'user_id' },
  mfa_authenticator: { columns: ['user_id', 'type', 'data'], joinedBy: 'user_id' },
  otp_totp_totpdevice: { columns: ['user_id', 'key', 'step', 'digits'], joinedBy: 'user_id' },
  otp_static_staticdevice: { columns: ['user_id', 'name', 'confirmed'], lacks: ['key'], joinedBy: 'user_id' },
  otp_static_statictoken: { columns: ['device_id', 'token'], joinedBy: 'device_id' },
  auth_user_groups: { columns: ['user_id', 'group_id'], joinedBy: 'user_id' },
  auth_group: { columns: ['id', 'name'], lacks: ['user_id'], joinedBy: 'id' },
}

/** An object of `dumpdata` as the row of its table, where references end in `_id`. */
function unwrapDumped(row: JsonObject): { model: string; fields: JsonObject; row: JsonObject } | undefined {
  const { model, pk, fields } = row
  if (typeof model !== 'string' || !/^\w{1,100}\.\w{1,100}$/.test(model) || !isJsonObject(fields))
    return undefined
  const { user, device, ...others } = fields
  return { model: model.toLowerCase(), fields, row: { ...others, id: pk, user_id: user, device_id: device } }
}

/** Every model that people sign in with has both (AbstractBaseUser). */
function isUserModel(fields: JsonObject): boolean {
  return Object.hasOwn(fields, 'password') && Object.hasOwn(fields, 'last_login')
}

function recordOf(row: AccountRow): Outcome {
  const { columns } = row
  const id = columns.text('id')
  if (!id) return { refused: 'no id: a dump must be made without --natural-primary' }
  return {
    record: {
      sourceId: id,
      id,
      ...emailOf(row),
      username: columns.text('username')?.normalize('NFKC'),
      ...passwordOf(columns.text('password')),
      disabled: columns.flag('is_active') === false || undefined,
      createdAt: columns.time('date_joined'),
      lastSignInAt: columns.time('last_login'),
      profile: { firstName: columns.text('first_name'), lastName: columns.text('last_name') },
      attributes: attributesOf(row),
      identities: identitiesOf(row),
      ...secondFactorOf(row),
    },
  }
}

/** Django marks a password that is none by `!`, and its oldest hasher writes nothing but the digest. */
function passwordOf(hash: string | undefined) {
  if (!hash || hash.startsWith('!')) return {}
  if (!/^[0-9a-f]{32}$/.test(hash)) return { passwordHash: hash }
  return { password: { kind: 'digest', hash, algorithm: 'md5', format: '{password}', encoding: 'hex' } }
}

function attributesOf(row: AccountRow) {
  const listed = row.columns.value('groups')
  const ids = [
    ...(Array.isArray(listed) ? listed : []),
    ...ownedRows(row, 'auth_user_groups').map((member) => member.value('group_id')),
  ]
  const groups = ids
    // By its natural key a group is its name, in a list of its own.
    .map((id) => (Array.isArray(id) ? id[0] : (row.joined('auth_group', id)[0]?.text('name') ?? id)))
    .filter((group) => typeof group === 'string' || typeof group === 'number')
    .map(String)
  return {
    is_staff: row.columns.flag('is_staff') || undefined,
    is_superuser: row.columns.flag('is_superuser') || undefined,
    groups: groups.length > 0 ? groups : undefined,
  }
}

function identitiesOf(row: AccountRow) {
  const identities = ownedRows(row, 'socialaccount_socialaccount').flatMap((account) => {
    const [provider, subject] = [account.text('provider'), account.text('uid')]
    return provider && subject ? [{ provider, subject }] : []
  })
  return identities.length > 0 ? identities : undefined
}
