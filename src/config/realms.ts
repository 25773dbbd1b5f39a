import type { Client } from '../core/clients.ts'
import type { Realm } from '../core/context.ts'
import { type PasswordPolicy, strictPolicy } from '../core/password-policy.ts'
import { manifests } from '../dialects/manifests.ts'
import type { DialectManifest } from './dialect-manifest.ts'
import type { FileSettings } from './file-schema.ts'

/** A population of accounts: what holds for it, where it is reached, and its doors. */
export interface RealmConfig extends Realm {
  /** In small letters; the realm that has none is reached at all that no other realm has. */
  hosts: string[]
  /** Without a slash at its end. */
  publicUrl: string
  /** The sender of its mails, where it is not the usual one. */
  mailFrom?: string
  /** The doors that are open, by the names of their dialects. */
  dialects: Record<string, DialectConfig>
  /** Those of the open doors. */
  clients: Client[]
}

interface DialectConfig {
  /** As the dialect's own schema has read them. */
  settings: Record<string, unknown>
  password: PasswordPolicy
}

type RealmSection = NonNullable<FileSettings['realms']>[string]
type BrandSection = NonNullable<RealmSection>['brand']

type PasswordSection = Partial<Pick<PasswordPolicy, 'minLength' | 'maxLength'>> | null | undefined

/** A section of a dialect: what every one has. The rest is the dialect's own. */
interface DialectSection {
  enabled?: boolean
  password?: PasswordSection
  clients?: ClientSection[]
}

interface ClientSection {
  id?: string
  kind?: Client['kind']
  origins?: string[]
  redirectUris?: string[]
  frontEndUrl?: string
  brand?: BrandSection
  settings?: Record<string, unknown> | null
}

/** Beyond what the file says. */
export interface RealmDefaults {
  publicUrl: string
  isDevelopment: boolean
  /** What the environment says of dialects: it comes before the file. */
  dialects: Record<string, Record<string, unknown>>
}

const usualPassword: PasswordPolicy = { minLength: 8, maxLength: 256, isStrict: false }

/** A realm as the file wants it. */
export function readRealm(name: string, section: RealmSection, defaults: RealmDefaults): RealmConfig {
  const strictPasswords = section?.strictPasswords ?? 'pages'
  const usual = strictPasswords === 'everywhere' ? strictPolicy(usualPassword) : usualPassword
  const password = readPassword(section?.password, usual)
  const sections = section?.dialects as Record<string, DialectSection | null | undefined> | null | undefined
  const open = manifests.flatMap((dialect) => {
    const own = sections ? sections[dialect.door.dialect] : {}
    return own === undefined || own?.enabled === false ? [] : [{ dialect, section: own ?? {} }]
  })
  const brand = section?.brand ?? undefined
  const brandName = brand?.name
  return {
    name,
    password,
    strictPasswords,
    unprovenRecovery: section?.unprovenRecovery ?? 'first',
    ...(brandName !== undefined && { brand: { ...brand, name: brandName } }),
    hosts: section?.hosts ?? [],
    ...(section?.mailFrom !== undefined && { mailFrom: section.mailFrom }),
    publicUrl: section?.publicUrl ?? defaults.publicUrl,
    dialects: Object.fromEntries(
      open.map(({ dialect, section }) => [
        dialect.door.dialect,
        readDialect(section, password, defaults.dialects[dialect.door.dialect]),
      ]),
    ),
    clients: open.flatMap(({ dialect, section: { clients } }) => {
      const usual = defaults.isDevelopment ? dialect.demoClients : dialect.clients
      return clients ? readClients(clients, dialect, brand) : usual.map((client) => withBrand(client, brand))
    }),
  }
}

function readDialect(
  { enabled: _enabled, password, clients: _clients, ...settings }: DialectSection,
  ofRealm: PasswordPolicy,
  fromEnvironment: Record<string, unknown> | undefined,
): DialectConfig {
  return { settings: { ...settings, ...fromEnvironment }, password: readPassword(password, ofRealm) }
}

/** As strict as the usual one, whatever is given. */
function readPassword(given: PasswordSection, usual: PasswordPolicy): PasswordPolicy {
  const { minLength = usual.minLength, maxLength = usual.maxLength } = given ?? {}
  const policy = { minLength, maxLength, isStrict: false }
  return usual.isStrict ? strictPolicy(policy) : policy
}

/** Those that the file declares, and the dialect's own default one where it declares none. */
function readClients(sections: ClientSection[], dialect: DialectManifest, brand: BrandSection): Client[] {
  const [usual] = dialect.clients
  const declared = sections.map((section) => readClient(section, dialect, brand))
  const isComplete = !usual || declared.some(({ kind }) => kind === 'default')
  return isComplete ? declared : [withBrand(usual, brand), ...declared]
}

function readClient(section: ClientSection, dialect: DialectManifest, brand: BrandSection): Client {
  const [usual] = dialect.clients
  const { id = usual?.id ?? dialect.door.dialect, frontEndUrl } = section
  return {
    dialect: dialect.door.dialect,
    id,
    kind: kindOf(section, dialect),
    origins: section.origins ?? [],
    redirectUris: section.redirectUris ?? [],
    ...(frontEndUrl !== undefined && { frontEndUrl }),
    brand: { name: id, ...usual?.brand, ...brand, ...section.brand },
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
