import type { Client } from '../core/clients/client.ts'
import type { PasskeySettings } from '../core/passkeys/settings.ts'
import { type PasswordPolicy, strictPolicy } from '../core/passwords/policy.ts'
import { openidManifest } from '../openid/manifest/manifest.ts'
import type { DialectConfig, RealmConfig } from './config.ts'
import type { DialectManifest } from './dialect-manifest.ts'
import type { BrandSection } from './sections/brand.ts'
import type { ClientSection } from './sections/client.ts'
import { buildHooks } from './sections/hooks.ts'
import { buildOpenid } from './sections/openid.ts'
import type { DialectSection, PasskeysSection, PasswordSection, RealmSection } from './sections/realm.ts'
import { buildSignInWith } from './sections/sign-in-with.ts'
import { buildSwitching } from './sections/switching.ts'
import { isIpAddress } from './web-addresses.ts'

/** Beyond what the file says. */
export interface RealmDefaults {
  publicUrl: string
  isDevelopment: boolean
  /** Those whose doors the realm may have. */
  dialects: DialectManifest[]
  /** What the environment says of dialects, by their names: it comes before the file. */
  dialectSecrets: Record<string, Record<string, unknown> | undefined>
}

const defaultPassword: PasswordPolicy = { minLength: 8, maxLength: 256, isStrict: false }

/** A realm as the file wants it. */
export function buildRealm(name: string, section: RealmSection, defaults: RealmDefaults): RealmConfig {
  const strictPasswords = section?.strictPasswords ?? 'pages'
  const policy = strictPasswords === 'everywhere' ? strictPolicy(defaultPassword) : defaultPassword
  const password = buildPassword(section?.password, policy)
  const sections = section?.dialects as Record<string, DialectSection | null> | undefined
  const open = defaults.dialects.flatMap((dialect) => {
    const own = sections ? sections[dialect.door.dialect] : {}
    return own === undefined || own?.enabled === false ? [] : [{ dialect, section: own ?? {} }]
  })
  const brand = section?.brand ?? undefined
  const brandName = brand?.name
  const publicUrl = section?.publicUrl ?? defaults.publicUrl
  const passkeys = buildPasskeys(section?.passkeys, publicUrl)
  const openid = buildOpenid(section?.openid, defaults.isDevelopment)
  const openidClients = (openid && section?.openid?.clients) ?? []
  return {
    name,
    password,
    strictPasswords,
    unprovenRecovery: section?.unprovenRecovery ?? 'first',
    accountPage: section?.accountPage ?? true,
    signUpPage: section?.signUpPage ?? true,
    ...(passkeys && { passkeys }),
    ...(openid && { openid }),
    webhooks: {
      allowPrivateAddresses: section?.webhooks?.allowPrivateAddresses ?? defaults.isDevelopment,
    },
    ...(brandName !== undefined && { brand: { ...brand, name: brandName } }),
    hosts: section?.hosts ?? [],
    ...(section?.mailFrom !== undefined && { mailFrom: section.mailFrom }),
    publicUrl,
    signInWith: buildSignInWith(section?.signInWith),
    hooks: buildHooks(section?.hooks),
    dialects: Object.fromEntries(
      open.map(({ dialect, section }) => [
        dialect.door.dialect,
        buildDialect(dialect, section, {
          ofRealm: password,
          fromEnvironment: defaults.dialectSecrets[dialect.door.dialect],
        }),
      ]),
    ),
    clients: [
      ...open.flatMap(({ dialect, section: { clients } }) => {
        const known = defaults.isDevelopment ? dialect.demoClients : dialect.clients
        return clients
          ? buildClients(clients, dialect, brand)
          : known.map((client) => withBrand(client, brand))
      }),
      ...buildClients(openidClients, openidManifest, brand),
    ],
  }
}

function buildDialect(
  manifest: DialectManifest,
  { enabled: _enabled, password, clients: _clients, switching: old, ...settings }: DialectSection,
  {
    ofRealm,
    fromEnvironment,
  }: { ofRealm: PasswordPolicy; fromEnvironment: Record<string, unknown> | undefined },
): DialectConfig {
  const switching = buildSwitching(old, manifest)
  return {
    settings: { ...settings, ...fromEnvironment },
    password: buildPassword(password, ofRealm),
    ...(switching && { switching }),
  }
}

/** Passkeys for the host of the public URL where nothing else is given; none for an IP address, which browsers refuse. */
function buildPasskeys(given: PasskeysSection, publicUrl: string): PasskeySettings | undefined {
  const { hostname, origin } = new URL(publicUrl)
  const rpId = given?.rpId ?? hostname
  if (isIpAddress(rpId)) return undefined
  const origins = [...new Set([origin, ...(given?.origins ?? [])])]
  return { rpId, origins, userVerification: given?.userVerification ?? 'required' }
}

/** A policy with what is given, as strict as the one that holds otherwise. */
function buildPassword(given: PasswordSection, otherwise: PasswordPolicy): PasswordPolicy {
  const { minLength = otherwise.minLength, maxLength = otherwise.maxLength } = given ?? {}
  const policy = { minLength, maxLength, isStrict: false }
  return otherwise.isStrict ? strictPolicy(policy) : policy
}

/** Those that the file declares, and the dialect's own default one where it declares none. */
function buildClients(sections: ClientSection[], dialect: DialectManifest, brand: BrandSection): Client[] {
  const [plain] = dialect.clients
  const declared = sections.map((section) => buildClient(section, dialect, brand))
  const isComplete = !plain || declared.some(({ kind }) => kind === 'default')
  return isComplete ? declared : [withBrand(plain, brand), ...declared]
}

/** A client as an operator describes it; what its brand does not say is as the default client or all have it. */
export function buildClient(section: ClientSection, dialect: DialectManifest, brand: BrandSection): Client {
  const [plain] = dialect.clients
  const { id = plain?.id ?? dialect.door.dialect, frontEndUrl } = section
  return {
    dialect: dialect.door.dialect,
    id,
    kind: kindOf(section, dialect),
    origins: section.origins ?? [],
    redirectUris: section.redirectUris ?? [],
    ...(frontEndUrl !== undefined && { frontEndUrl }),
    brand: { name: id, ...plain?.brand, ...brand, ...section.brand },
    settings: section.settings ?? {},
  }
}

/** Who has no id, or the id of the dialect's own default client, is the default one. */
export function kindOf(
  { id, kind }: { id?: unknown; kind?: unknown },
  dialect: DialectManifest,
): Client['kind'] {
  if (kind === 'default' || kind === 'registered') return kind
  return id === undefined || id === dialect.clients[0]?.id ? 'default' : 'registered'
}

function withBrand(client: Client, brand: BrandSection): Client {
  return { ...client, brand: { ...client.brand, ...brand } }
}
