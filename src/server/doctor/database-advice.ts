/** Of one process: the pool of `store/postgres/driver.ts`, and one that `/readyz` tries. */
export const maxProcessConnections = 11

const toNetwork = 'see the address in DATABASE_URL, the network and firewalls between'
const toUser = 'run this as the user that the server runs as'

/** What to do about an error of the database, by the code of PostgreSQL, of Node or of OpenSSL: the first that fits. */
const byCode: [RegExp, string][] = [
  [/^ECONNREFUSED/, 'see that PostgreSQL runs, and listens at the address and port of DATABASE_URL'],
  [/^ECONNRESET/, 'see its log: it, or what stands before it, has ended the connection'],
  [/^ENOTFOUND/, 'see the name of the host in DATABASE_URL, and DNS on this machine'],
  [/^EAI_AGAIN/, 'see DNS on this machine: it does not answer'],
  [/^ENETUNREACH/, 'see the address in DATABASE_URL, and the network of this machine'],
  [/^(EHOSTUNREACH|ETIMEDOUT)/, toNetwork],
  [/^ENOENT/, 'see that PostgreSQL runs, and keeps its socket in that folder'],
  [/^EACCES/, toUser],
  [/^28P01/, 'see the user name and password in DATABASE_URL'],
  [/^28000/, 'see the user in DATABASE_URL, and that pg_hba.conf lets it in from here'],
  [/^28/, 'see the user and password in DATABASE_URL, and pg_hba.conf'],
  [/^3D000/, 'make the database: createdb --owner=manydoors manydoors'],
  [/^3F000/, 'see the search_path of the user: it names no schema that is there'],
  [/^42501/, 'let the database belong to the user who connects: alter database … owner to …'],
  [/^25006/, 'name the primary in DATABASE_URL: this one only reads'],
  [/^53300/, `raise max_connections, or have fewer processes: each opens up to ${maxProcessConnections}`],
  [/^53/, 'PostgreSQL lacks disk or memory: see its log'],
  [/^57P03/, 'wait until it has started'],
  [/^57P0/, 'PostgreSQL is starting or stopping: wait, or see its log'],
  [/^55000/, 'the database lets nobody in: alter database NAME with allow_connections true'],
  [/^08P01/, 'if that is a pooler: transaction or session mode, and see its log'],
  [/^DEPTH_ZERO_SELF_SIGNED/, 'name the certificate of the database: sslrootcert in DATABASE_URL'],
  [
    /VERIFY_LEAF|ISSUER_CERT_LOCALLY|^SELF_SIGNED/,
    'name the CA of the database: sslrootcert in DATABASE_URL',
  ],
  [/ALTNAME_INVALID/, 'name the host as the certificate of the database does'],
  [/^CERT_HAS_EXPIRED/, 'renew the certificate of the database'],
  [/CERT|SELF_SIGNED|ISSUER|LEAF_SIGNATURE|^ERR_(TLS|SSL)/, 'see sslmode and sslrootcert in DATABASE_URL'],
]

/** By SQLite's result code. */
const bySqlite: Record<number, string> = {
  5: 'see which other process keeps the file locked',
  8: toUser,
  10: 'see the disk, and its log',
  11: 'stop the server and restore a backup',
  13: 'make room on the disk',
  14: toUser,
  26: 'see which file DATABASE_URL names',
}

const byWords: [RegExp, string][] = [
  [/does not support SSL/, 'turn TLS on there, or leave sslmode out of DATABASE_URL'],
  [/timeout/i, toNetwork],
]

/** What to do about what a database, or the way to it, has answered with. */
export function databaseAdvice(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code = '', errcode, message } = at as NodeJS.ErrnoException & { errcode?: number }
    const [, ofCode] = byCode.find(([pattern]) => pattern.test(code)) ?? []
    const [, ofWords] = byWords.find(([words]) => words.test(message)) ?? []
    const advice = ofCode ?? bySqlite[(errcode ?? 0) & 0xff] ?? ofWords
    if (advice !== undefined) return advice
  }
  return 'see that DATABASE_URL can be reached and read from here'
}
