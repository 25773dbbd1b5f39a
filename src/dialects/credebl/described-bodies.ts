import { z } from 'zod'
import { instant, jwt, opaque } from '../../http/openapi/wire-types.ts'
import type {
  presentClient,
  presentIdentity,
  presentProfile,
  presentRefreshed,
  presentSession,
  presentSessionDetails,
  presentSignedIn,
} from './present.ts'

export const ErrorBody = z.strictObject({
  statusCode: z.int(),
  message: z.union([
    z.string(),
    z.array(z.string()).min(1).meta({ description: 'Where fields are wrong: a text for each' }),
  ]),
  error: z.string(),
})

const seconds = z.int().min(0)

const tokens = {
  access_token: jwt,
  expires_in: seconds,
  refresh_expires_in: seconds,
  refresh_token: jwt,
  token_type: z.literal('Bearer'),
  'not-before-policy': z.literal(0),
  session_state: opaque,
  scope: z.literal('email profile'),
}

export const SignedIn = z.strictObject({
  ...tokens,
  isRegisteredToSupabase: z.literal(false),
  sessionId: opaque,
}) satisfies z.ZodType<ReturnType<typeof presentSignedIn>>

export const Refreshed = z.strictObject({ ...tokens, sessionId: opaque }) satisfies z.ZodType<
  ReturnType<typeof presentRefreshed>
>

export const SecondFactor = z.strictObject({ twoFactor: z.literal(true), twoFactorToken: opaque })

export const Session = z.strictObject({
  id: z.uuid(),
  userId: z.string(),
  expiresAt: instant,
  createdAt: instant,
  clientInfo: z
    .string()
    .meta({ description: 'JSON as text: `browser`, `os`, `deviceType`, `rawDetail`, `ip`' }),
  sessionType: z.literal('user-session'),
}) satisfies z.ZodType<ReturnType<typeof presentSession>>

export const SessionDetails = z.strictObject({
  ...Session.shape,
  sessionToken: jwt,
  refreshToken: jwt,
  expires: seconds,
}) satisfies z.ZodType<ReturnType<typeof presentSessionDetails>>

export const Profile = z.strictObject({
  id: z.string(),
  username: z.string().nullable(),
  email: z.string().nullable(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  profileImg: z.null(),
  publicProfile: z.literal(false),
  supabaseUserId: z.null(),
  keycloakUserId: z.string(),
  isEmailVerified: z.boolean(),
  userOrgRoles: z.array(z.never()).max(0),
}) satisfies z.ZodType<ReturnType<typeof presentProfile>>

export const ClientAlias = z.strictObject({
  id: z.string(),
  clientAlias: z.string(),
  clientUrl: z.url(),
}) satisfies z.ZodType<ReturnType<typeof presentClient>>

export const Identity = z.strictObject({ id: z.string(), email: z.string().nullable() }) satisfies z.ZodType<
  ReturnType<typeof presentIdentity>
>

/** A success: clients read `statusCode` from the body. */
export function succeeded(statusCode: number, message: string, data?: z.ZodType) {
  return z.strictObject({
    statusCode: z.literal(statusCode),
    message: z.literal(message),
    ...(data && { data }),
  })
}
