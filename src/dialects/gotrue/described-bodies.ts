import { z } from 'zod'
import { instant, jwt, opaque } from '../../http/openapi/wire-types.ts'
import type { presentSession, presentUser } from './present.ts'
import type { presentEnrolled, presentFactor } from './present-factor.ts'
import { firstHalfConfirmed } from './read-mail.ts'
import type { userOf } from './user-of.ts'

const weakness = {
  weak_password: z
    .strictObject({ reasons: z.array(z.enum(['length', 'characters', 'pwned'])) })
    .optional()
    .meta({ description: 'Where the code is `weak_password`: what is wrong with it' }),
}

export const ErrorBody = z.union([
  z
    .strictObject({ code: z.int(), error_code: z.string(), msg: z.string(), ...weakness })
    .meta({ description: 'Without a version of the API; `code` is the status' }),
  z
    .strictObject({ code: z.string(), message: z.string(), ...weakness })
    .meta({ description: 'Where the request has `X-Supabase-Api-Version: 2024-01-01`, or a later one' }),
])

const number = z.string().regex(/^\d*$/)

const accountId = z
  .string()
  .meta({ description: 'A UUID; of whoever was imported with an id of another form, that one' })

export const Factor = z.strictObject({
  id: z.guid(),
  friendly_name: z.string().optional(),
  factor_type: z.literal('totp'),
  status: z.enum(['verified', 'unverified']),
  created_at: instant,
  updated_at: instant,
  phone: z.literal(''),
  last_challenged_at: instant.nullable(),
}) satisfies z.ZodType<ReturnType<typeof presentFactor>>

/** What is shown once of an authenticator that was begun. */
export const EnrolledFactor = z.strictObject({
  id: z.guid(),
  type: z.literal('totp'),
  friendly_name: z.string(),
  totp: z.strictObject({
    qr_code: z
      .string()
      .regex(/^<svg[^#\n]*>$/)
      .meta({ description: 'SVG, which may stand in a `data:` address as it is' }),
    secret: z.string().regex(/^[A-Z2-7]+$/),
    uri: z.string().regex(/^otpauth:\/\/totp\//),
  }),
}) satisfies z.ZodType<Awaited<ReturnType<typeof presentEnrolled>>>

const Identity = z.strictObject({
  identity_id: z.guid(),
  id: accountId,
  user_id: accountId,
  provider: z.literal('email'),
  identity_data: z.strictObject({
    sub: accountId,
    email: z.string().optional(),
    email_verified: z.boolean(),
    phone_verified: z.boolean(),
  }),
  email: z.string(),
  created_at: instant,
  updated_at: instant,
  last_sign_in_at: instant.optional(),
})

const metadata = z.record(z.string(), z.unknown())

/** As a list of a back end shows somebody. */
export const ListedUser = z.strictObject({
  id: accountId,
  aud: z.literal('authenticated'),
  role: z.literal('authenticated'),
  email: z.string().meta({ description: 'Empty where there is none' }),
  phone: number.meta({ description: 'Digits without a plus sign; empty where there is none' }),
  email_confirmed_at: instant.optional(),
  phone_confirmed_at: instant.optional(),
  confirmed_at: instant.optional(),
  invited_at: instant.optional(),
  last_sign_in_at: instant.optional(),
  banned_until: instant.optional(),
  app_metadata: metadata.meta({
    description: 'What back ends say of somebody, with `provider` and `providers`',
  }),
  user_metadata: metadata.meta({ description: 'What somebody says of themselves' }),
  factors: z.array(Factor).min(1).optional(),
  identities: z.array(Identity),
  created_at: instant,
  updated_at: instant,
  is_anonymous: z.literal(false),
}) satisfies z.ZodType<ReturnType<typeof presentUser>>

export const User = z.strictObject({
  ...ListedUser.shape,
  confirmation_sent_at: instant.optional(),
  recovery_sent_at: instant.optional(),
  new_email: z.string().optional().meta({ description: 'What `email` is to be, once it is confirmed' }),
  email_change_sent_at: instant.optional(),
  new_phone: number.optional().meta({ description: 'What `phone` is to be, once it is confirmed' }),
}) satisfies z.ZodType<Awaited<ReturnType<typeof userOf>>>

/** Whoever has signed up and has still to confirm the address. */
export const NewUser = z.strictObject({ ...ListedUser.shape, confirmation_sent_at: instant })

/** What a sign-up answers for an address that somebody has, where the answer may tell that. */
export const TakenUser = z.strictObject({
  ...NewUser.shape,
  role: z.literal(''),
  identities: z.array(z.never()).max(0),
})

const tokens = {
  access_token: jwt,
  token_type: z.literal('bearer'),
  expires_in: z.int().min(1).meta({ description: 'Seconds' }),
  expires_at: z.int().meta({ description: 'When the access token ends: seconds since 1970' }),
  refresh_token: opaque,
}

export const Session = z.strictObject({ ...tokens, user: User }) satisfies z.ZodType<
  ReturnType<typeof presentSession<z.output<typeof User>>>
>

/** What a password opens. */
export const PasswordSession = z.strictObject({ ...Session.shape, weak_password: z.null() })

export const FirstHalf = z.strictObject({ msg: z.literal(firstHalfConfirmed), code: z.literal('200') })

export const Nothing = z.strictObject({})
