import type { Store } from '../../src/store/store.ts'
import { firstMadeAt, firstNames, idAt } from './many-accounts.ts'

/** The rows that `fillMany` has made, and which of them is asked for. */
interface Many {
  count: number
  /** A whole number below that one. */
  any(most: number): number
}

interface ListRead {
  read(lists: Store['lists'], many: Many): Promise<unknown>
  indexes: RegExp
}

const page = { max: 51 }

const nowOf = ({ count }: Many) => firstMadeAt + count * 1000
const someTime = ({ count, any }: Many) => firstMadeAt + any(count) * 1000
const someId = (many: Many) => idAt(someTime(many))
const lastId = (many: Many) => idAt(nowOf(many) + 1)

function someIp({ count, any }: Many): string {
  const n = any(count)
  return `10.${n % 200}.${n % 251}.${n % 13}`
}

function somePrefix({ any }: Many): string {
  const name = firstNames[any(firstNames.length)] ?? ''
  return name.slice(0, 1 + any(name.length))
}

/** Every list of the console, and the indexes that each may read. */
export const listReads: Record<string, ListRead> = {
  'all accounts': { read: (lists) => lists.accounts(page), indexes: /^accounts_listed$/ },
  'accounts behind one': {
    read: (lists, many) => lists.accounts({ ...page, from: someId(many) }),
    indexes: /^accounts_listed$/,
  },
  'accounts before one': {
    read: (lists, many) => lists.accounts({ ...page, from: someId(many), isUp: true }),
    indexes: /^accounts_listed$/,
  },
  'open accounts': {
    read: (lists) => lists.accounts({ ...page, state: 'open' }),
    indexes: /^accounts_listed$/,
  },
  'unverified accounts': {
    read: (lists) => lists.accounts({ ...page, state: 'unverified' }),
    indexes: /^accounts_unverified$/,
  },
  'disabled accounts': {
    read: (lists) => lists.accounts({ ...page, state: 'disabled' }),
    indexes: /^accounts_disabled$/,
  },
  'accounts that wait for deletion': {
    read: (lists, many) => lists.accounts({ ...page, state: 'leaving', from: someId(many) }),
    indexes: /^accounts_leaving$/,
  },
  'accounts by e-mail address': {
    read: (lists, many) => lists.accountsNamed({ ...page, column: 'email', prefix: somePrefix(many) }),
    indexes: /^(accounts_email_prefix|sqlite_autoindex_accounts_2)$/,
  },
  'accounts by user name, behind one, disabled ones': {
    read: (lists, many) =>
      lists.accountsNamed({
        ...page,
        column: 'username_key',
        prefix: 'k',
        from: `kari${many.any(many.count)}`,
        state: 'disabled',
      }),
    indexes: /^(accounts_username_prefix|sqlite_autoindex_accounts_3)$/,
  },
  'accounts by phone number, upwards': {
    read: (lists, many) =>
      lists.accountsNamed({
        ...page,
        column: 'phone',
        prefix: '+47',
        from: `+47${40_000_000 + many.any(many.count)}`,
        isIncluded: true,
        isUp: true,
      }),
    indexes: /^(accounts_phone_prefix|sqlite_autoindex_accounts_4)$/,
  },
  'factors of accounts': {
    read: (lists, many) => lists.factorsAmong([someId(many)]),
    indexes: /^(totp_pkey|sqlite_autoindex_totp_1|passkeys_account)$/,
  },
  'live sessions': {
    read: (lists, many) => lists.sessions({ ...page, now: nowOf(many), filter: {}, from: someId(many) }),
    indexes: /^sessions_listed$/,
  },
  'live sessions of a door': {
    read: (lists, many) =>
      lists.sessions({ ...page, now: nowOf(many), filter: { dialect: 'credebl', since: firstMadeAt } }),
    indexes: /^sessions_listed$/,
  },
  'live sessions of a client': {
    read: (lists, many) =>
      lists.sessions({ ...page, now: nowOf(many), filter: { dialect: 'minbil', clientId: 'rare' } }),
    indexes: /^sessions_of_client$/,
  },
  'live sessions of an address': {
    read: (lists, many) =>
      lists.sessions({
        ...page,
        now: nowOf(many),
        filter: { ip: someIp(many), dialect: 'minbil', clientId: 'rare' },
      }),
    indexes: /^sessions_of_ip$/,
  },
  'the trail': {
    read: (lists, many) => lists.audit({ ...page, filter: {}, from: someId(many) }),
    indexes: /^audit_listed$/,
  },
  'the trail of a time': {
    read: (lists, many) => lists.audit({ ...page, filter: { since: someTime(many), until: nowOf(many) } }),
    indexes: /^audit_listed$/,
  },
  'refusals at a door': {
    read: (lists) =>
      lists.audit({ ...page, filter: { outcome: 'refused', dialect: 'minbil', clientId: 'app1' } }),
    indexes: /^audit_listed$/,
  },
  'an event': {
    read: (lists, many) =>
      lists.audit({ ...page, filter: { event: 'account.disabled' }, from: someId(many), isUp: true }),
    indexes: /^audit_of_event$/,
  },
  'what came from an address': {
    read: (lists, many) => lists.audit({ ...page, filter: { ip: someIp(many), event: 'sign_in' } }),
    indexes: /^audit_of_ip$/,
  },
  'what an operator did': {
    read: (lists, many) => lists.audit({ ...page, filter: { actor: 'cli', ip: someIp(many) } }),
    indexes: /^audit_of_actor$/,
  },
  'the newest of the trail': {
    read: (lists, many) => lists.freshAudit({ since: nowOf(many) - 15_000, max: 2_000 }),
    indexes: /^audit_listed$/,
  },
  'the trail of a person': {
    read: (lists, many) =>
      lists.auditOfPerson({
        of: { accountId: someId(many), subjects: ['mac'] },
        filter: { outcome: 'refused' },
        from: { at: someTime(many), id: someId(many) },
        max: 20,
      }),
    indexes: /^(audit_account|audit_subject)$/,
  },
  'messages that were given up': {
    read: (lists, many) =>
      lists.messages({ ...page, state: 'given-up', kind: 'security-mail', now: nowOf(many) }),
    indexes: /^jobs_dead_at$/,
  },
  'messages that wait': {
    read: (lists, many) =>
      lists.messages({
        ...page,
        state: 'waiting',
        now: nowOf(many),
        from: { time: someTime(many), id: someId(many) },
      }),
    indexes: /^jobs_waiting$/,
  },
  'messages that are sent': {
    read: (lists, many) =>
      lists.messages({
        ...page,
        state: 'sent',
        now: nowOf(many),
        from: { time: someTime(many), id: someId(many) },
        isUp: true,
      }),
    indexes: /^jobs_done_at$/,
  },
  'messages for somebody': {
    read: (lists, many) =>
      lists.messagesFor({ recipient: { accountId: someId(many) }, before: lastId(many), max: 20 }),
    indexes: /^jobs_of_recipient$/,
  },
}
