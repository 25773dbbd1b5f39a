import { z } from 'zod'
import { instant, jwt, opaque } from '../../http/openapi/wire-types.ts'
import type { presentEnrolment, presentSession, presentTokens, presentUser } from './present.ts'

export const ErrorBody = z.union([
  z.strictObject({
    code: z.union([z.string(), z.int()]).meta({ description: 'A word, or the status where there is none' }),
    error: z.string(),
  }),
  z
    .strictObject({
      code: z.literal(400),
      codes: z.record(
        z.string(),
        z.enum(['REQUIRED', 'INVALID', 'INVALID_CHARACTERS', 'NOT_LONG_ENOUGH', 'NO_MATCH']),
      ),
      errors: z.record(z.string(), z.string()),
    })
    .meta({ description: 'What is wrong with each field' }),
])

export const Tokens = z.strictObject({ access_token: jwt, refresh_token: jwt }) satisfies z.ZodType<
  ReturnType<typeof presentTokens>
>

export const User = z.strictObject({
  _id: z.string(),
  username: z.string().nullable(),
  email: z.string().nullable(),
  twoFactor: z.boolean(),
  emailVerified: z.boolean(),
  isBanned: z.boolean(),
  role: z.literal('user'),
  slug: z.string().nullable(),
  createdAt: instant,
  updatedAt: instant,
}) satisfies z.ZodType<ReturnType<typeof presentUser>>

export const Session = z.strictObject({
  _id: z.string(),
  accessTokenHash: z
    .string()
    .regex(/^[\da-f]{128}$/)
    .optional()
    .meta({ description: 'Of the own session alone: SHA-512 of the access token that asks, in hex' }),
  device: z.strictObject({
    browser: z.string(),
    version: z.string(),
    platform: z.string(),
    os: z.string(),
    isDev: z.literal(false),
  }),
  location: z.literal('unknown'),
  expireAt: instant,
  createdAt: instant,
}) satisfies z.ZodType<ReturnType<typeof presentSession>>

const qrCode = z.string().regex(/^data:image\/png;base64,/)
const secret = z.string().regex(/^[A-Z2-7]+$/)
export const Enrolment = z.strictObject({
  qrCode,
  secret,
  backupCodes: z.array(opaque),
  qrcode: qrCode,
  twoFactorSecret: secret,
}) satisfies z.ZodType<Awaited<ReturnType<typeof presentEnrolment>>>

/** `error` carries the text of most successes, too. */
export const saidAs = (key: 'error' | 'message', code: string, text: z.ZodType<string> | string) =>
  z.strictObject({ code: z.literal(code), [key]: typeof text === 'string' ? z.literal(text) : text })
