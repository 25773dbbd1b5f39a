import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { v7 as uuidv7 } from 'uuid'
import { postgresWrite, sqliteReads, sqliteWrite } from './floor-store.ts'
import { accessToken, readAccessToken, readRefreshToken, refreshToken } from './floor-tokens.ts'

// A bare server on a copy of the same database: the same tokens, the same answers, and nothing but the work that no
// server could leave out. No limits, no audit of what it refuses, no error that is not 500.

const { FLOOR_DATABASE: path = '', FLOOR_POSTGRES: url } = process.env
const write = url ? postgresWrite(url) : sqliteWrite(path, process.env.FLOOR_COMMIT === 'alone')
// On PostgreSQL refreshes alone are measured, which read nothing.
const reads = sqliteReads(url ? ':memory:' : path)

const rotate = `update sessions set generation = generation + 1, rotated_at = ?1, last_used_at = ?1,
  idle_expires_at = case when absolute_expires_at < ?2 then absolute_expires_at else ?2 end
  where id = ?3 and generation = ?4 and dialect = 'minbil' and ended_at is null and idle_expires_at > ?1
  returning *`
const end = `update sessions set ended_at = ?1, ended_why = 'signed_out' where id = ?2 and ended_at is null returning id`
const addAudit = `insert into audit (id, realm, at, event, outcome, account_id, session_id, client_id, ip)
  values (?1, 'main', ?2, ?3, 'success', ?4, ?5, ?6, ?7)`
const addJob = `insert into jobs (id, realm, kind, payload, run_at, attempts, created_at)
  values (?1, 'main', 'bench-mail', ?2, ?3, 0, ?3)`

/** Whose token it is, if the session lives. */
function authenticate(request: IncomingMessage, now: number): { accountId: string; sessionId: string } {
  const { sid } = readAccessToken(request, reads.jwkOf)
  const caller = reads.liveCaller(sid, now)
  if (!caller) throw new Error('refused')
  return { accountId: String(caller.account_id), sessionId: sid }
}

const common = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  vary: 'Origin',
  'content-type': 'application/json; charset=utf-8',
}

function send(response: ServerResponse, body: object, headers: Record<string, string> = {}) {
  const text = JSON.stringify(body)
  response.writeHead(200, {
    ...common,
    'x-request-id': uuidv7(),
    ...headers,
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

const routes: Record<string, (request: IncomingMessage, response: ServerResponse, body: string) => unknown> =
  {
    '/api/co/auth/refresh': async (_request, response, body) => {
      const { id, generation } = readRefreshToken(JSON.parse(body).refresh_token)
      const milliseconds = Date.now()
      const session = await write(rotate, milliseconds, milliseconds + 30 * 86_400_000, id, generation)
      if (!session) throw new Error('refused')
      const now = Math.floor(milliseconds / 1000)
      const token = refreshToken(id, generation + 1)
      const expires = new Date(Number(session.absolute_expires_at)).toUTCString()
      send(
        response,
        {
          message: 'Token refreshed.',
          access_token: accessToken(session, now),
          refresh_token: token,
          expires_in: 3600,
          expires_at: new Date((now + 3600) * 1000).toISOString().replace('.000Z', 'Z'),
          expires_at_unix: now + 3600,
          token_type: 'bearer',
        },
        {
          'set-cookie': `__Secure-minbil-refresh=${token}; Path=/api/co/auth; Expires=${expires}; HttpOnly; Secure; SameSite=Strict`,
        },
      )
    },
    '/auth/signout': async (request, response) => {
      const now = Date.now()
      const { accountId, sessionId } = authenticate(request, now)
      await Promise.all([
        write(end, now, sessionId),
        write(addAudit, uuidv7(), now, 'session.ended', accountId, sessionId, 'credebl', '127.0.0.1'),
      ])
      send(response, { statusCode: 200, message: 'Session logged out successfully' })
    },
    '/api/co/auth/forgot-password': async (_request, response, body) => {
      const { email } = JSON.parse(body)
      const now = Date.now()
      const payload = {
        email,
        link: 'http://localhost:5000/ui/reset-password?token={token}',
        brand: { name: 'Minbil' },
        dialect: 'minbil',
        clientId: 'minbil',
        lifetime: 3600,
        askedAt: now,
      }
      await Promise.all([
        write(addAudit, uuidv7(), now, 'password.reset_requested', null, null, 'minbil', '127.0.0.1'),
        write(addJob, uuidv7(), JSON.stringify(payload), now),
      ])
      send(response, { message: 'If an account exists for this email, a password reset link has been sent.' })
    },
  }

function listSessions(request: IncomingMessage, response: ServerResponse) {
  const now = Date.now()
  const { accountId } = authenticate(request, now)
  const data = reads.sessionsOf(accountId, now).map((row) => ({
    id: row.id,
    userId: row.account_id,
    expiresAt: new Date(Number(row.idle_expires_at)).toISOString(),
    createdAt: new Date(Number(row.created_at)).toISOString(),
    clientInfo: JSON.stringify({
      browser: 'unknown',
      os: 'unknown',
      deviceType: 'unknown',
      rawDetail: row.user_agent,
      ip: row.ip,
    }),
    sessionType: 'user-session',
  }))
  send(response, { statusCode: 200, message: 'User Sessions fetched Successfully', data })
}

const server = createServer((request, response) => {
  const fail = () => response.writeHead(500).end()
  if (request.method === 'GET') {
    try {
      listSessions(request, response)
    } catch {
      fail()
    }
    return
  }
  const chunks: Buffer[] = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', async () => {
    try {
      await routes[String(request.url)]?.(request, response, Buffer.concat(chunks).toString())
    } catch {
      fail()
    }
  })
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }))
process.on('disconnect', () => process.exit(0))
