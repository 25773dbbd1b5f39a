import { z } from 'zod'
import { type Upstream, unexpected } from '../../core/switching/upstream.ts'

const base = '/api/co/auth'

const SignedIn = z.object({
  access_token: z.string(),
  user: z.object({ id: z.string(), email: z.string(), email_confirmed_at: z.string().nullish() }),
})
const SecondFactor = z.object({ two_factor: z.literal(true), two_factor_token: z.string() })
const Wrong = z.object({ code: z.literal('invalid_credentials') })

/** An old server that answers as contracts/minbil.md says. It knows people by e-mail addresses alone. */
export function upstream(): Upstream {
  return {
    checkPassword: async (ask, identifier, password) => {
      if (!('email' in identifier)) return { outcome: 'wrong' }
      const json = { email: identifier.email, password }
      const answer = await ask({ method: 'POST', path: `${base}/sign-in`, json })
      if (answer.status === 401 && Wrong.safeParse(answer.json).success) return { outcome: 'wrong' }
      if (answer.status !== 200) return unexpected(answer)
      const { data: challenged } = SecondFactor.safeParse(answer.json)
      if (challenged) {
        return { outcome: 'right', profile: {}, secondFactor: { challenge: challenged.two_factor_token } }
      }
      const { data: signedIn } = SignedIn.safeParse(answer.json)
      if (!signedIn) return unexpected(answer)
      const { access_token: bearer, user } = signedIn
      return {
        outcome: 'right',
        profile: { id: user.id, email: user.email, emailVerified: Boolean(user.email_confirmed_at) },
        signOut: () => ask({ method: 'POST', path: `${base}/sign-out`, bearer }),
      }
    },
  }
}
