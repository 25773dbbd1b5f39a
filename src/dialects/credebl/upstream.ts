import { z } from 'zod'
import type { PasswordAnswer, Upstream, UpstreamMeans } from '../../core/switching/upstream.ts'
import { profileAt, refusedRefresh, unexpected } from '../../core/switching/upstream.ts'
import type { Settings } from './manifest.ts'
import { encryptPassword } from './studio-encryption.ts'

const SignedIn = z.object({ data: z.object({ access_token: z.string() }) })
const SecondFactor = z.object({
  data: z.object({ twoFactor: z.literal(true), twoFactorToken: z.string() }),
})
const Said = z.object({ statusCode: z.number(), message: z.string() })
const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? undefined)
const Profile = z
  .object({
    id: z.string(),
    email: z.string(),
    username: optionalText,
    firstName: optionalText,
    lastName: optionalText,
    isEmailVerified: z.boolean().optional(),
  })
  .transform(({ isEmailVerified: emailVerified, firstName, lastName, username, id, email }) => {
    // The original gives those who have none their address for one.
    const own = username === email ? undefined : username
    return { id, email, emailVerified, username: own, names: { firstName, lastName } }
  })
const ProfileAnswer = z.object({ data: Profile }).transform(({ data }) => data)

/** What these refusals say of the password. */
const refusals: Record<string, PasswordAnswer> = {
  'Invalid Credentials': { outcome: 'wrong' },
  'Please verify your email': { outcome: 'right', profile: {}, isUnconfirmed: true },
}

/** An old server that answers as contracts/credebl.md says; with a `passwordKey`, passwords go there encrypted. */
export function upstream(
  { passwordKey }: Settings,
  { randomBytes }: Pick<UpstreamMeans, 'randomBytes'>,
): Upstream {
  const bodyOf = (password: string) =>
    passwordKey === undefined
      ? { password, isPasswordEncrypted: false }
      : { password: encryptPassword(password, passwordKey, randomBytes(8)), isPasswordEncrypted: true }
  return {
    checkPassword: async (ask, identifier, password) => {
      if (!('email' in identifier)) return { outcome: 'wrong' }
      const json = { email: identifier.email, ...bodyOf(password) }
      const answer = await ask({ method: 'POST', path: '/auth/signin', json })
      // The body's own status counts: proxies before the original answer with one of theirs.
      const { data: said } = Said.safeParse(answer.json)
      if (said?.statusCode === 401) return refusals[said.message] ?? unexpected(answer)
      if (said?.statusCode === 429) return { outcome: 'busy' }
      if (said?.statusCode !== 200) return unexpected(answer)
      const { data: challenged } = SecondFactor.safeParse(answer.json)
      if (challenged)
        return { outcome: 'right', profile: {}, secondFactor: { challenge: challenged.data.twoFactorToken } }
      const { data: signedIn } = SignedIn.safeParse(answer.json)
      if (!signedIn) return unexpected(answer)
      const bearer = signedIn.data.access_token
      return {
        outcome: 'right',
        ...(await profileAt(ask, { path: '/users/profile', bearer }, ProfileAnswer)),
        signOut: () => ask({ method: 'POST', path: '/auth/signout', bearer, json: {} }),
      }
    },
    refresh: async (ask, { refreshToken }) => {
      const answer = await ask({ method: 'POST', path: '/auth/refresh-token', json: { refreshToken } })
      const { data: said } = Said.safeParse(answer.json)
      if (said?.statusCode !== 200) return refusedRefresh({ status: said?.statusCode ?? answer.status })
      const { data: refreshed } = SignedIn.safeParse(answer.json)
      if (!refreshed) return unexpected(answer)
      const bearer = refreshed.data.access_token
      return {
        outcome: 'right',
        ...(await profileAt(ask, { path: '/users/profile', bearer }, ProfileAnswer)),
      }
    },
  }
}
