import { createPrivateKey } from 'node:crypto'
import { z } from 'zod'
import type { IdentityProviderSettings, ProviderCredentials } from '../../core/identities/settings.ts'
import { originFault } from '../../upstream/origin.ts'
import { oneOf, secretSetting, section, text, yesOrNo } from '../setting-types.ts'
import { webAddress } from '../web-addresses.ts'

const presetNames = ['google', 'microsoft', 'apple', 'oidc'] as const
type PresetName = (typeof presetNames)[number]

const idRule = 'must be up to 32 small letters, digits and hyphens'
const tenantRule =
  'must be the id of a directory, such as 9188040d-6c67-4c5b-b112-36a304b66dad: its name and `common` say nothing of who signs in'
const scope = z.string('must be a scope').regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be a scope')

const provider = z.strictObject(
  {
    id: z
      .string(idRule)
      .regex(/^[a-z][a-z\d-]{0,31}$/, idRule)
      .optional()
      .describe('Names it in what is kept of people, so it stays for ever (preset)'),
    preset: oneOf(presetNames).describe('Whose it is; `oidc` for any that has a discovery document'),
    name: text
      .max(60, 'must be at most 60 characters')
      .optional()
      .describe('As people know it, on its button'),
    issuer: webAddress.optional().describe('Of `oidc`: its issuer identifier'),
    tenant: z
      .string(tenantRule)
      .regex(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/, tenantRule)
      .optional()
      .describe('Of `microsoft`: the id of the directory'),
    clientId: text.describe('What it calls this server'),
    ...secretSetting('clientSecret', text, 'The secret that it has given this server'),
    teamId: text.optional().describe('Of `apple`: the id of the team'),
    keyId: text.optional().describe('Of `apple`: the id of the key'),
    ...secretSetting(
      'privateKey',
      z.string('must be a private key').refine(isPrivateKey, 'must be the private key of Apple (.p8)'),
      'Of `apple`: the key of the team that secrets are signed with',
    ),
    scopes: z
      .array(scope, 'must be a list of scopes')
      .refine((scopes) => scopes.includes('openid'), 'must have openid in it')
      .optional()
      .describe('What it is asked for (openid, email, profile)'),
    trustsEmail: yesOrNo()
      .optional()
      .describe('Whether its word that an e-mail address is proven counts here (true; false for oidc)'),
    allowPrivate: yesOrNo().optional().describe('Whether it may be in a private network (false)'),
  },
  section,
)

type ProviderSection = z.output<typeof provider>

/** `signInWith` of a realm: the providers, in the order of their buttons. */
export const signInWithSection = z
  .array(provider.superRefine(refuseFaults), 'must be a list of providers')
  .max(10, 'must be at most ten')
  .refine(areDifferent, 'must have different ids')
  .optional()
  .describe('Other places that people may sign in with on the hosted pages: docs/sign-in-with.md')

function areDifferent(providers: ProviderSection[]): boolean {
  return new Set(providers.map(idOf)).size === providers.length
}

function idOf({ id, preset }: ProviderSection): string {
  return id ?? preset
}

interface Preset {
  name: string
  issuer(given: ProviderSection): string
  scopes: string[]
  parameters: Record<string, string>
  emailProof: 'email_verified' | 'xms_edov'
  trustsEmail: boolean
  /** What it needs, and others have no use for. */
  needs: ('issuer' | 'tenant' | 'teamId' | 'keyId' | 'privateKey' | 'clientSecret')[]
}

const ordinary = ['openid', 'email', 'profile']

/** What each of them says of itself; docs/sign-in-with.md has where that is written. */
const presets: Record<PresetName, Preset> = {
  google: {
    name: 'Google',
    issuer: () => 'https://accounts.google.com',
    scopes: ordinary,
    // Whoever signs out here and in again may mean another account.
    parameters: { prompt: 'select_account' },
    emailProof: 'email_verified',
    trustsEmail: true,
    needs: ['clientSecret'],
  },
  microsoft: {
    name: 'Microsoft',
    issuer: ({ tenant }) => `https://login.microsoftonline.com/${tenant}/v2.0`,
    scopes: ordinary,
    parameters: { prompt: 'select_account' },
    // Administrators of a directory write whatever they like into `email`.
    emailProof: 'xms_edov',
    trustsEmail: true,
    needs: ['tenant', 'clientSecret'],
  },
  apple: {
    name: 'Apple',
    issuer: () => 'https://appleid.apple.com',
    scopes: ['openid', 'email', 'name'],
    // It tells addresses and names in no other way.
    parameters: { response_mode: 'form_post' },
    emailProof: 'email_verified',
    trustsEmail: true,
    needs: ['teamId', 'keyId', 'privateKey'],
  },
  oidc: {
    name: 'OpenID',
    issuer: ({ issuer }) => issuer ?? '',
    scopes: ordinary,
    parameters: {},
    emailProof: 'email_verified',
    trustsEmail: false,
    needs: ['issuer'],
  },
}

const special = ['issuer', 'tenant', 'teamId', 'keyId', 'privateKey'] as const

function refuseFaults(given: ProviderSection, ctx: z.core.$RefinementCtx<ProviderSection>): void {
  const refuse = (name: string, message: string) =>
    ctx.addIssue({ code: 'custom', path: [name], message, input: given })
  const { preset, id, issuer } = given
  const { needs } = presets[preset]
  for (const name of needs) if (given[name] === undefined) refuse(name, `is missing for ${preset}`)
  for (const name of special)
    if (given[name] !== undefined && !needs.includes(name)) refuse(name, `has no meaning for ${preset}`)
  if (preset === 'apple' && given.clientSecret !== undefined)
    refuse('clientSecret', 'has no meaning for apple: it is made with privateKey')
  // What imports have brought as Google's must be nobody else's.
  if (id !== undefined && id !== preset && id !== 'oidc' && id in presets)
    refuse('id', `is the name of another preset`)
  const fault = issuer && originFault(new URL(issuer).origin, { allowPrivate: given.allowPrivate ?? false })
  if (fault) refuse('issuer', fault)
}

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyDetails?.namedCurve === 'prime256v1'
  } catch {
    return false
  }
}

/** The providers of a realm with what is not set. */
export function buildSignInWith(given: ProviderSection[] | undefined): IdentityProviderSettings[] {
  return (given ?? []).map((section) => {
    const preset = presets[section.preset]
    const isTrusted = section.trustsEmail ?? preset.trustsEmail
    return {
      id: idOf(section),
      name: section.name ?? preset.name,
      issuer: preset.issuer(section),
      clientId: section.clientId,
      credentials: credentialsOf(section),
      scopes: section.scopes ?? preset.scopes,
      parameters: preset.parameters,
      ...(isTrusted && { emailProof: preset.emailProof }),
      allowPrivate: section.allowPrivate ?? false,
    }
  })
}

function credentialsOf({ clientSecret, teamId, keyId, privateKey }: ProviderSection): ProviderCredentials {
  if (teamId !== undefined && keyId !== undefined && privateKey !== undefined)
    return { kind: 'apple', teamId, keyId, privateKey }
  return clientSecret === undefined ? { kind: 'none' } : { kind: 'secret', secret: clientSecret }
}
