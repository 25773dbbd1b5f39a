import { createServer } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { hash, verify } from '@node-rs/argon2'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { argon2Params } from '../../src/core/passwords/argon2.ts'
import { defaultHashing } from '../../src/core/passwords/hashing.ts'

// better-auth as its documentation sets it up, with the same parameters of argon2id, the same durability of SQLite,
// and no limits either.
const database = new DatabaseSync(String(process.env.PEER_DATABASE))
database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536')
const cost = argon2Params(defaultHashing)
const options = {
  database,
  baseURL: 'http://localhost:5000',
  secret: 'of the benchmark, and of nothing else',
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  logger: { disabled: true },
  advanced: { disableCSRFCheck: true, disableOriginCheck: true },
  emailAndPassword: {
    enabled: true,
    password: {
      hash: (password: string) => hash(password, cost),
      verify: ({ hash, password }: { hash: string; password: string }) => verify(hash, password),
    },
  },
}
await (await getMigrations(options)).runMigrations()
const server = createServer(toNodeHandler(betterAuth(options)))
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }))
process.on('disconnect', () => process.exit(0))
