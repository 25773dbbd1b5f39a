import { z } from 'zod'
import {
  type Ask,
  missingProfile,
  orNothing,
  profileAt,
  refusedRefresh,
  type Upstream,
  type UpstreamAnswer,
  unexpected,
} from '../../core/switching/upstream.ts'

const base = '/api/oauth'
/** PM2's own command line, whose sign-in this is. */
const clientId = '0943857435'

const Refused = z.object({ error: z.string() })
const Issued = z.object({ access_token: z.string() })
const Profile = z
  .object({
    _id: z.string(),
    username: z.string(),
    email: z.string(),
    email_valid: z.boolean().optional(),
  })
  .transform(({ _id: id, username, email, email_valid: emailVerified }) => {
    // Those who have none are given their address for one.
    return { id, email, emailVerified, username: username === email ? undefined : username }
  })

/** An old server that answers as contracts/pm2.md says: it is signed in to as command-line clients do. */
export function upstream(): Upstream {
  return {
    checkPassword: async (ask, identifier, password) => {
      if ('phone' in identifier) return { outcome: 'wrong' }
      const query = new URLSearchParams({
        client_id: clientId,
        response_mode: 'query',
        response_type: 'token',
        scope: 'all',
      })
      const begun = await ask({ method: 'GET', path: `${base}/authorize?${query}`, takesRedirects: true })
      // Without one it would find every password wrong.
      if (begun.status >= 400 || !begun.setsCookies) return unexpected(begun)
      const [username = ''] = Object.values(identifier)
      const answer = await ask({ method: 'POST', path: `${base}/login`, form: { username, password } })
      if (answer.status === 401) return readRefusal(answer)
      const path = answer.header('x-redirect')
      if (answer.status !== 200 || path === undefined) return unexpected(answer)
      return { outcome: 'right', ...(await openSession(ask, path)) }
    },
    refresh: async (ask, { refreshToken: refresh_token, clientId: client_id }) => {
      const json = { client_id, refresh_token, grant_type: 'refresh_token' }
      const answer = await ask({ method: 'POST', path: `${base}/token`, json })
      if (answer.status !== 200) return refusedRefresh(answer)
      const { data: issued } = Issued.safeParse(answer.json)
      if (!issued) return unexpected(answer)
      const bearer = issued.access_token
      return { outcome: 'right', ...(await profileAt(ask, { path: '/api/users/isLogged', bearer }, Profile)) }
    },
  }
}

function readRefusal(answer: UpstreamAnswer): Awaited<ReturnType<Upstream['checkPassword']>> {
  const { data: refused } = Refused.safeParse(answer.json)
  if (refused?.error === 'second_factor_required') return { outcome: 'right', profile: {}, secondFactor: {} }
  return refused ? { outcome: 'wrong' } : unexpected(answer)
}

/** The password was right, whatever comes of the session that is opened to learn whose it is. */
async function openSession(ask: Ask, path: string) {
  const finished = await orNothing(ask({ method: 'GET', path, takesRedirects: true }))
  const location = URL.parse(finished?.header('location') ?? '')
  const refresh_token = location?.searchParams.get('access_token')
  if (!refresh_token) return missingProfile
  const json = { client_id: clientId, refresh_token, grant_type: 'refresh_token' }
  const answer = await orNothing(ask({ method: 'POST', path: `${base}/token`, json }))
  const { data: issued } = Issued.safeParse(answer?.json)
  if (!issued) return missingProfile
  const bearer = issued.access_token
  const signOut = () => ask({ method: 'POST', path: `${base}/revoke`, bearer, json: {} })
  return { ...(await profileAt(ask, { path: '/api/users/isLogged', bearer }, Profile)), signOut }
}
