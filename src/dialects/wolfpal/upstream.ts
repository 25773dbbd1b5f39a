import { z } from 'zod'
import { profileAt, refusedRefresh, type Upstream, unexpected } from '../../core/switching/upstream.ts'

const SignedIn = z.object({ access_token: z.string(), refresh_token: z.string().optional() })
const SecondFactor = z.object({ twoFactor: z.literal(true), token: z.string() })
const Refused = z.object({ code: z.string() })
const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? undefined)
const Profile = z
  .object({
    user: z.object({
      _id: z.string(),
      email: optionalText,
      username: optionalText,
      emailVerified: z.boolean().optional(),
    }),
  })
  .transform(({ user: { _id: id, ...profile } }) => ({ id, ...profile }))

/** An old server that answers as contracts/wolfpal.md says. It knows people by e-mail addresses alone. */
export function upstream(): Upstream {
  return {
    checkPassword: async (ask, identifier, password) => {
      if (!('email' in identifier)) return { outcome: 'wrong' }
      const json = { email: identifier.email, password }
      const answer = await ask({ method: 'POST', path: '/auth/login', json })
      const code = answer.status === 400 && Refused.safeParse(answer.json).data?.code
      if (code === 'INVALID_CREDENTIALS') return { outcome: 'wrong' }
      if (code === 'PENDING_CONFIRMATION') return { outcome: 'right', profile: {}, isUnconfirmed: true }
      if (answer.status !== 200) return unexpected(answer)
      const { data: challenged } = SecondFactor.safeParse(answer.json)
      if (challenged) return { outcome: 'right', profile: {}, secondFactor: { challenge: challenged.token } }
      const { data: signedIn } = SignedIn.safeParse(answer.json)
      if (!signedIn) return unexpected(answer)
      const { access_token: bearer } = signedIn
      return {
        outcome: 'right',
        ...(await profileAt(ask, { path: '/account', bearer }, Profile)),
        signOut: () => ask({ method: 'POST', path: '/auth/logout', bearer }),
      }
    },
    refresh: async (ask, { refreshToken: refresh_token }) => {
      const answer = await ask({ method: 'POST', path: '/auth/refresh', json: { refresh_token } })
      if (answer.status !== 200) return refusedRefresh(answer)
      const { data: refreshed } = SignedIn.safeParse(answer.json)
      if (!refreshed) return unexpected(answer)
      const bearer = refreshed.access_token
      return { outcome: 'right', ...(await profileAt(ask, { path: '/account', bearer }, Profile)) }
    },
  }
}
