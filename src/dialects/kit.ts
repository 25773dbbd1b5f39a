import { z } from 'zod'
import { type DialectManifest, definedDialects, kitVersion } from '../config/dialect-manifest.ts'
import type { Client } from '../core/clients/client.ts'
import type { AuthError, ErrorCode } from '../core/errors.ts'
import { type Dialect, defineDialect as define, type WireError } from '../http/dialect.ts'
import type { AccountRow, SessionRow } from '../store/schema.ts'

/**
 * What a door from outside is made of: `manydoors/dialect`, in version 1 (docs/dialects.md). What is exported here keeps its
 * name and its meaning for as long as the version stays.
 */

export type { FastifyReply, FastifyRequest } from 'fastify'
export { z } from 'zod'
export { defineDoor, plainClient } from '../config/dialect-manifest.ts'
export {
  accessSettings,
  doorSettings,
  duration,
  oneOf,
  rotationSetting,
  secretSetting,
  text,
  wholeNumber,
  yesOrNo,
} from '../config/setting-types.ts'
export { confirmSignUp } from '../core/accounts/confirmation.ts'
export { readEmail } from '../core/accounts/emails.ts'
export { type Identifier, readIdentifier } from '../core/accounts/identifiers.ts'
export { readPhone } from '../core/accounts/phones.ts'
export { changeProfile } from '../core/accounts/profile.ts'
export { signUpOpenly, signUpSilently, signUpVerified } from '../core/accounts/sign-up.ts'
export { usernameProblem } from '../core/accounts/usernames.ts'
export { acceptProof, requestActivation, requestVerification } from '../core/accounts/verification.ts'
export type { Client } from '../core/clients/client.ts'
export { allowsRedirect, redirectTarget, registeredClient } from '../core/clients/clients.ts'
export type { Context } from '../core/context.ts'
export { AuthError, type ErrorCode, type Issue, isRefusal } from '../core/errors.ts'
export { changePassword } from '../core/passwords/change.ts'
export { isSamePassword } from '../core/passwords/forms.ts'
export { requestPasswordReset, requestPasswordResetOpenly, resetPassword } from '../core/recovery/by-mail.ts'
export { requestResetCode, resetPasswordByCode } from '../core/recovery/by-sms.ts'
export { type SignedIn, signInAfterReset, signInNewAccount } from '../core/sessions/open-session.ts'
export { refresh } from '../core/sessions/refresh.ts'
export { type Caller, deleteSession, listSessions, signOutEverywhere } from '../core/sessions/sessions.ts'
export { signOut } from '../core/sessions/sign-out.ts'
export type { Tokens } from '../core/sessions/tokens.ts'
export { hasSecondFactor } from '../core/sign-in/second-factor.ts'
export {
  confirmSecondFactor,
  disableSecondFactor,
  enrolSecondFactor,
} from '../core/sign-in/second-factor-enrolment.ts'
export { answerChallenge, signIn } from '../core/sign-in/sign-in.ts'
export {
  type Ask,
  orNothing,
  type PasswordAnswer,
  profileAt,
  type Upstream,
  type UpstreamAnswer,
  type UpstreamMeans,
  type UpstreamProfile,
  type UpstreamRequest,
  unexpected,
} from '../core/switching/upstream.ts'
export { bearerToken, forCallers, readCaller, requireCaller } from '../http/bearer.ts'
export { readCookie } from '../http/cookies.ts'
export { defaultErrors } from '../http/default-errors.ts'
export type { Pages, WireError } from '../http/dialect.ts'
export { booleanField, emailField, lineField, optional, optionalToken, requiredText } from '../http/fields.ts'
export type { DoorDescription, RouteDescription } from '../http/openapi/description.ts'
export { thrownBy } from '../http/openapi/thrown-by.ts'
export { instant, jwt, opaque } from '../http/openapi/wire-types.ts'
export { isFromAnotherSite } from '../http/other-sites.ts'
export type { App } from '../http/types.ts'
export { unreadableReason } from '../http/unreadable.ts'
export type { FieldClass, WireFields } from '../http/wire-fields.ts'
export { genericUpstream } from '../upstream/generic.ts'
export { type GenericSettings, genericSettings } from '../upstream/generic-settings.ts'

/** What a presenter may show of an account. `null` where there is none yet; times are epoch milliseconds. */
export type Account = Pick<
  AccountRow,
  | 'id'
  | 'username'
  | 'email'
  | 'email_verified_at'
  | 'phone'
  | 'phone_verified_at'
  | 'profile'
  | 'created_at'
  | 'updated_at'
>

/** What a presenter may show of a session; times are epoch milliseconds. */
export type Session = Pick<
  SessionRow,
  | 'id'
  | 'client_id'
  | 'created_at'
  | 'last_used_at'
  | 'idle_expires_at'
  | 'absolute_expires_at'
  | 'user_agent'
>

interface DialectDefinition<Row, Settings extends z.ZodObject>
  extends Pick<
    Dialect<z.output<Settings>>,
    | 'door'
    | 'prefixes'
    | 'clients'
    | 'clientIds'
    | 'doorFor'
    | 'routes'
    | 'shadow'
    | 'describe'
    | 'upstream'
    | 'upstreamOptions'
  > {
  /** The version of this interface that the dialect is written against. */
  kit: typeof kitVersion
  settings: Settings
  /** None when not given. */
  clientSettings?: z.ZodObject
  /** As `clients` when not given. */
  demoClients?: Client[]
  errors: Record<ErrorCode, Row>
  render: (row: Row, error: AuthError) => WireError
}

/** A dialect, for the default export of a module that the settings file names. Throws for one that could not be served. */
export function defineDialect<Row, Settings extends z.ZodObject>(
  dialect: DialectDefinition<Row, Settings>,
): Dialect<z.output<Settings>> & { kit: number } {
  const { kit, clientSettings = z.strictObject({}), demoClients = dialect.clients, ...rest } = dialect
  const defined = { kit, ...define({ ...rest, clientSettings, demoClients, variables: {} }) }
  // One of another version is refused by whoever loads it, and may look otherwise.
  const fault = kit === kitVersion ? faultOf(defined) : undefined
  if (fault !== undefined) throw new Error(fault)
  definedDialects.add(defined)
  return defined
}

/** Empty, where the paths of a door begin with nothing in common. */
const prefixPattern = /^(\/[\w.~-]+)*$/

/** The section of every door has these, and its name is no setting. */
const takenSettings = ['enabled', 'password', 'clients', 'dialect', 'switching']

function faultOf({ door: { dialect }, prefixes, settings, ...known }: DialectManifest): string | undefined {
  if (prefixes.length === 0 || !prefixes.every((prefix) => prefixPattern.test(prefix)))
    return 'prefixes must be paths such as /acme, without a slash at the end'
  if (prefixes.some((prefix) => /^\/ui(?:\/|$)/.test(prefix)))
    return 'prefixes cannot be below /ui, where the pages for people are'
  const taken = takenSettings.find((name) => name in settings.shape)
  if (taken !== undefined) return `settings cannot have one called ${taken}`
  for (const clients of [known.clients, known.demoClients]) {
    const isOwn = clients.every((client) => client.dialect === dialect)
    if (!isOwn || clients.filter(({ kind }) => kind === 'default').length !== 1)
      return `clients must be of the dialect ${dialect}, and one of them of kind default`
  }
  return undefined
}
