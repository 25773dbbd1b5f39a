import { z } from 'zod'
import type { DialectManifest } from '../dialect-manifest.ts'
import { oneOf, optionalSection, section, wholeNumber, yesOrNo } from '../setting-types.ts'
import { host, passkeyDomain, passkeyOrigin, publicUrl } from '../web-addresses.ts'
import { brand } from './brand.ts'
import { type ClientSection, clientSection } from './client.ts'
import { hooksSection } from './hooks.ts'
import { openidSection } from './openid.ts'
import { signInWithSection } from './sign-in-with.ts'
import { sender } from './smtp.ts'
import { type SwitchingSection, switchingSection } from './switching.ts'

const password = optionalSection('How long new passwords must be and may be', {
  minLength: wholeNumber({ min: 8, max: 64 }).optional().describe('In characters (8)'),
  maxLength: wholeNumber({ min: 64, max: 1024 }).optional().describe('In characters (256)'),
})

const passkeys = optionalSection('Where passkeys are good', {
  rpId: passkeyDomain
    .optional()
    .describe('The domain that they are made for; another one makes all of them useless (host of publicUrl)'),
  origins: z
    .array(passkeyOrigin, 'must be a list of origins')
    .optional()
    .describe('Origins beside that of publicUrl whose pages use them'),
  userVerification: oneOf(['required', 'preferred'])
    .optional()
    .describe(
      'Whether the authenticator must see its owner (fingerprint, PIN), so that a passkey is both factors (required)',
    ),
})

function dialectSection(dialect: DialectManifest) {
  return dialect.settings
    .extend({
      enabled: yesOrNo().optional().describe('Whether this door is there (true)'),
      password,
      clients: z
        .array(clientSection(dialect), 'must be a list of clients')
        .optional()
        .describe('The apps that come through this door'),
      switching: switchingSection(dialect),
    })
    .nullish()
    .describe(
      `The door of ${dialect.door.dialect}: ${dialect.prefixes.map((path) => `${path}/…`).join(', ')}`,
    )
}

/** Editors know of doors from outside that they are there: they load no module. */
const unknownDoor = z
  .unknown()
  .refine(() => false, 'is not a setting')
  .describe('A door of your own, which `dialects` at the top names')

function doorsSection(dialects: DialectManifest[]) {
  const sections = dialects.map((dialect) => [dialect.door.dialect, dialectSection(dialect)])
  const doors = z.object(Object.fromEntries(sections), 'must name the doors of the realm')
  return (
    doors
      .catchall(unknownDoor)
      // Were it taken for nothing, a list whose last door is commented out would open all of them.
      .refine((doors) => Object.keys(doors).length > 0, 'must name the doors of the realm')
      .optional()
      .describe('The doors of this realm, those that are named here and no others; else all')
  )
}

const webhooks = optionalSection('What holds for the endpoints that `manydoors webhook add` adds', {
  allowPrivateAddresses: yesOrNo()
    .optional()
    .describe(
      'Whether they may be in a private network or on this machine, also without TLS (true in development, else false)',
    ),
})

const realm = z.strictObject(
  {
    hosts: z
      .array(host, 'must be a list of host names')
      .min(1, 'must name a host')
      .optional()
      .describe('Host names that this realm is reached at; the one realm that has none is the default'),
    publicUrl: publicUrl
      .optional()
      .describe('Where people reach this realm: issuer of its tokens, base of its links'),
    password,
    strictPasswords: oneOf(['pages', 'everywhere', 'off'])
      .optional()
      .describe(
        'Where new passwords must have 15 characters and be hard to guess: on the hosted pages, everywhere or nowhere (pages)',
      ),
    unprovenRecovery: oneOf(['first', 'never', 'always'])
      .optional()
      .describe(
        'Whether an e-mail address or number that nobody has proven can get a new password: until another one of the account is proven, never, or always (first)',
      ),
    accountPage: yesOrNo()
      .optional()
      .describe('Whether people may look after their account on pages of this server (true)'),
    signUpPage: yesOrNo()
      .optional()
      .describe('Whether people may sign up on the hosted pages, where a door lets them at all (true)'),
    passkeys,
    signInWith: signInWithSection,
    hooks: hooksSection,
    brand: brand.describe(
      'How mails and pages present the realm, and clients that say nothing else of themselves',
    ),
    openid: openidSection,
    webhooks,
    mailFrom: sender.optional().describe('The sender of its mails (smtp.from)'),
  },
  section,
)

/** A realm with doors of these dialects, as an operator describes it. */
export function realmSection(dialects: DialectManifest[]) {
  return realm.extend({ dialects: doorsSection(dialects) }).nullish()
}

export type RealmSection = z.output<ReturnType<typeof realmSection>>
export type PasskeysSection = z.output<typeof passkeys>
export type PasswordSection = z.output<typeof password>

/** What the section of every dialect has; the rest is the dialect's own. */
export interface DialectSection {
  enabled?: boolean
  password?: PasswordSection
  clients?: ClientSection[]
  switching?: SwitchingSection
}
