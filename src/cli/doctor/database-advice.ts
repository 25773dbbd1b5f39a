/** What to do about what keeps us from the database, by the beginning of the code that says it. */
const advices: [code: RegExp, advice: string][] = [
  [
    /^28/,
    'the user, the password or the address from which it comes is refused: compare DATABASE_URL and pg_hba.conf',
  ],
  [/^3D000/, 'there is no such database there: createdb --owner=USER NAME'],
  [/^42501/, 'let the database belong to the user who connects: alter database NAME owner to USER'],
  [
    /^53300/,
    'raise max_connections, or the connection limit of the user or database; or look who holds so many',
  ],
  [/^53/, 'PostgreSQL lacks disk or memory: see its log'],
  [/^57P0/, 'PostgreSQL is starting or stopping: wait, or see its log'],
  [/^25006/, 'it can only be read: let DATABASE_URL lead to the primary'],
  [/^55000/, 'the database lets nobody in: alter database NAME with allow_connections true'],
  [/^08P01/, 'if that is a pooler: transaction or session mode, and see its log'],
  [/^ECONNREFUSED/, 'nobody listens at that host and port: see that PostgreSQL runs, and listen_addresses'],
  [/^(ENOTFOUND|EAI_AGAIN)/, 'the name of the host leads nowhere: see DATABASE_URL and the DNS'],
  [/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)/, 'nothing answers at that host: see the network and firewalls'],
  [
    /CERT|SELF_SIGNED|ISSUER|LEAF_SIGNATURE|^ERR_(TLS|SSL)/,
    'its certificate is not trusted or not for that host: see sslmode and sslrootcert in DATABASE_URL',
  ],
]

/** What to do about an error of the database or on the way to it. */
export function databaseAdvice(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException
    const known = code === undefined ? undefined : advices.find(([pattern]) => pattern.test(code))
    if (known) return known[1]
  }
  return 'see that this can be reached and read from here'
}
