import { type Said, say } from '../../admin/findings.ts'

/** Of one process: the pool of `store/postgres/driver.ts`, and one that `/readyz` tries. */
export const maxProcessConnections = 11

const toNetwork = say('see the address in DATABASE_URL, the network and firewalls between')
const toUser = say('run this as the user that the server runs as')

/** What to do about an error of the database, by the code of PostgreSQL, of Node or of OpenSSL: the first that fits. */
const byCode: [RegExp, Said][] = [
  [/^ECONNREFUSED/, say('see that PostgreSQL runs, and listens at the address and port of DATABASE_URL')],
  [/^ECONNRESET/, say('see its log: it, or what stands before it, has ended the connection')],
  [/^ENOTFOUND/, say('see the name of the host in DATABASE_URL, and DNS on this machine')],
  [/^EAI_AGAIN/, say('see DNS on this machine: it does not answer')],
  [/^ENETUNREACH/, say('see the address in DATABASE_URL, and the network of this machine')],
  [/^(EHOSTUNREACH|ETIMEDOUT)/, toNetwork],
  [/^ENOENT/, say('see that PostgreSQL runs, and keeps its socket in that folder')],
  [/^EACCES/, toUser],
  [/^28P01/, say('see the user name and password in DATABASE_URL')],
  [/^28000/, say('see the user in DATABASE_URL, and that pg_hba.conf lets it in from here')],
  [/^28/, say('see the user and password in DATABASE_URL, and pg_hba.conf')],
  [/^3D000/, say('make the database: createdb --owner=manydoors manydoors')],
  [/^3F000/, say('see the search_path of the user: it names no schema that is there')],
  [/^42501/, say('let the database belong to the user who connects: alter database … owner to …')],
  [/^25006/, say('name the primary in DATABASE_URL: this one only reads')],
  [
    /^53300/,
    say('raise max_connections, or have fewer processes: each opens up to {most}', {
      most: maxProcessConnections,
    }),
  ],
  [/^53/, say('PostgreSQL lacks disk or memory: see its log')],
  [/^57P03/, say('wait until it has started')],
  [/^57P0/, say('PostgreSQL is starting or stopping: wait, or see its log')],
  [/^55000/, say('the database lets nobody in: alter database NAME with allow_connections true')],
  [/^08P01/, say('if that is a pooler: transaction or session mode, and see its log')],
  [/^DEPTH_ZERO_SELF_SIGNED/, say('name the certificate of the database: sslrootcert in DATABASE_URL')],
  [
    /VERIFY_LEAF|ISSUER_CERT_LOCALLY|^SELF_SIGNED/,
    say('name the CA of the database: sslrootcert in DATABASE_URL'),
  ],
  [/ALTNAME_INVALID/, say('name the host as the certificate of the database does')],
  [/^CERT_HAS_EXPIRED/, say('renew the certificate of the database')],
  [
    /CERT|SELF_SIGNED|ISSUER|LEAF_SIGNATURE|^ERR_(TLS|SSL)/,
    say('see sslmode and sslrootcert in DATABASE_URL'),
  ],
]

/** By SQLite's result code. */
const bySqlite: Record<number, Said> = {
  5: say('see which other process keeps the file locked'),
  8: toUser,
  10: say('see the disk, and its log'),
  11: say('stop the server and restore a backup'),
  13: say('make room on the disk'),
  14: toUser,
  26: say('see which file DATABASE_URL names'),
}

const byWords: [RegExp, Said][] = [
  [/does not support SSL/, say('turn TLS on there, or leave sslmode out of DATABASE_URL')],
  [/timeout/i, toNetwork],
]

/** What to do about what a database, or the way to it, has answered with. */
export function databaseAdvice(error: unknown): Said {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code = '', errcode, message } = at as NodeJS.ErrnoException & { errcode?: number }
    const [, ofCode] = byCode.find(([pattern]) => pattern.test(code)) ?? []
    const [, ofWords] = byWords.find(([words]) => words.test(message)) ?? []
    const advice = ofCode ?? bySqlite[(errcode ?? 0) & 0xff] ?? ofWords
    if (advice !== undefined) return advice
  }
  return say('see that DATABASE_URL can be reached and read from here')
}
