import { z } from 'zod'
import {
  type Ask,
  refusedRefresh,
  type Upstream,
  type UpstreamMeans,
  type UpstreamProfile,
  unexpected,
} from '../../core/switching/upstream.ts'
import { base } from './paths.ts'

const text = z
  .string()
  .nullish()
  .transform((text) => text || undefined)
const User = z.object({
  id: z.string(),
  email: text,
  email_confirmed_at: text,
  phone: text,
  phone_confirmed_at: text,
  factors: z.array(z.object({ status: z.string() })).nullish(),
})
const SignedIn = z.object({ access_token: z.string(), user: User })
/** In either of the two forms. */
const Refused = z.union([
  z.object({ error_code: z.string() }).transform(({ error_code }) => error_code),
  z.object({ code: z.string() }).transform(({ code }) => code),
])

/** An old server that answers as contracts/gotrue.md says. Before Supabase's there is a gateway that asks for `apikey`. */
export function upstream(
  _settings: unknown,
  { options: { apikey } }: Pick<UpstreamMeans, 'options'>,
): Upstream {
  const headers = typeof apikey === 'string' ? { apikey } : undefined
  const getToken = (ask: Ask, grant: string, json: object) =>
    ask({ method: 'POST', path: `${base}/token?grant_type=${grant}`, json, headers })
  return {
    checkPassword: async (ask, identifier, password) => {
      if ('username' in identifier) return { outcome: 'wrong' }
      const answer = await getToken(ask, 'password', { ...identifier, password })
      const code = answer.status === 400 && Refused.safeParse(answer.json).data
      if (code === 'invalid_credentials' || code === 'user_banned') return { outcome: 'wrong' }
      if (code === 'email_not_confirmed' || code === 'phone_not_confirmed')
        return { outcome: 'right', profile: {}, isUnconfirmed: true }
      const { data: signedIn } = SignedIn.safeParse(answer.json)
      if (answer.status !== 200 || !signedIn) return unexpected(answer)
      const { access_token: bearer, user } = signedIn
      const isChallenged = user.factors?.some(({ status }) => status === 'verified')
      return {
        outcome: 'right',
        profile: profileOf(user),
        ...(isChallenged && { secondFactor: {} }),
        signOut: () => ask({ method: 'POST', path: `${base}/logout?scope=local`, bearer, headers }),
      }
    },
    refresh: async (ask, { refreshToken: refresh_token }) => {
      const answer = await getToken(ask, 'refresh_token', { refresh_token })
      if (answer.status !== 200) return refusedRefresh(answer)
      const { data: refreshed } = SignedIn.safeParse(answer.json)
      return refreshed ? { outcome: 'right', profile: profileOf(refreshed.user) } : unexpected(answer)
    },
  }
}

/** Numbers have no plus sign there. */
function profileOf({
  id,
  email,
  email_confirmed_at,
  phone,
  phone_confirmed_at,
}: z.output<typeof User>): UpstreamProfile {
  return {
    id,
    ...(email && { email, emailVerified: email_confirmed_at !== undefined }),
    ...(phone && {
      phone: `+${phone.replace('+', '')}`,
      phoneVerified: phone_confirmed_at !== undefined,
    }),
  }
}
