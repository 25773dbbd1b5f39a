import type { Upstream, UpstreamMeans } from '../../core/switching/upstream.ts'
import { genericUpstream } from '../../upstream/generic.ts'
import type { GenericSettings } from '../../upstream/generic-settings.ts'
import { upstreamOptions } from './manifest.ts'

const base = '/api/v1/auth'

/** As contracts/vastly.md has it, where all but the headers is our own decision: the original's login is not documented. */
const asDecided = {
  path: `${base}/login`,
  body: { email: '{email}', mobile: '{phone}', password: '{password}' },
  right: { status: 200, pointer: '/token' },
  // A client that the old server does not know gets a 401, too.
  wrong: { status: 401, pointer: '/message', equals: 'Invalid credentials' },
  secondFactor: { status: 200, pointer: '/twoFactor', challenge: '/twoFactorToken' },
  token: '/token',
  profilePath: `${base}/me`,
  profile: { id: '/user/id', email: '/user/email', phone: '/user/mobile' },
  signOutPath: `${base}/logout`,
} satisfies GenericSettings

/** An old server that answers as contracts/vastly.md says, but for what the options say. Throws for bad ones. */
export function upstream(_settings: unknown, { options }: Pick<UpstreamMeans, 'options'>): Upstream {
  const { clientId, origin, ...given } = upstreamOptions.parse(options)
  const headers = { client_id: clientId, origin, ...given.headers }
  return genericUpstream({ ...asDecided, ...given, headers })
}
