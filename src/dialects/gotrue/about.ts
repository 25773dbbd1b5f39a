import type { App } from '../../http/types.ts'
import type { Settings } from './manifest.ts'
import { base } from './paths.ts'
import { hasPhones } from './texts.ts'

/** What the door says of itself to everybody. */
export function aboutRoutes(app: App, { autoconfirm = false, registration }: Settings): void {
  const settings = {
    disable_signup: registration === 'off',
    mailer_autoconfirm: autoconfirm,
    phone_autoconfirm: false,
    sms_provider: '',
    saml_enabled: false,
    passkeys_enabled: false,
  }
  app.get(`${base}/settings`, async ({ ctx }) => ({
    external: { email: true, phone: hasPhones(ctx), anonymous_users: false, ...off },
    ...settings,
  }))
  app.get(`${base}/health`, async () => ({
    version: wireVersion,
    name: 'Manydoors',
    description: 'Manydoors is a user registration and authentication API',
  }))
  app.get(`${base}/.well-known/jwks.json`, async ({ ctx }, reply) => {
    reply.header('cache-control', 'public, max-age=300')
    return ctx.keys.jwks
  })
}

/** Of the server whose wire this is. */
const wireVersion = 'v2.193.0'

const providers = [
  'apple',
  'azure',
  'bitbucket',
  'discord',
  'facebook',
  'snapchat',
  'figma',
  'fly',
  'github',
  'gitlab',
  'google',
  'keycloak',
  'kakao',
  'linkedin',
  'linkedin_oidc',
  'notion',
  'spotify',
  'slack',
  'slack_oidc',
  'workos',
  'twitch',
  'twitter',
  'zoom',
]
const off = Object.fromEntries(providers.map((provider) => [provider, false]))
