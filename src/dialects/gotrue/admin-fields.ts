import { z } from 'zod'
import { readPhone } from '../../core/accounts/phones.ts'
import { booleanField, isUuid, optional, readField } from '../../http/fields.ts'
import { banDurationForm, readBanDuration } from './ban-duration.ts'
import * as fields from './fields.ts'

const phone = readField(
  // The wire knows numbers without the plus sign.
  (typed) => readPhone(typed.startsWith('+') ? typed : `+${typed}`),
  'Invalid phone number format (E.164 required)',
  'phone must be a string',
)

const id = z
  .string('id must be a string')
  .refine(isUuid, 'ID must conform to the uuid v4 format')
  .refine((text) => !/^[0-]*$/.test(text), 'ID cannot be a nil uuid')
  .transform((text) => text.toLowerCase())

/** Read as milliseconds. */
const banDuration = readField(readBanDuration, 'invalid format for ban duration').meta(banDurationForm)

/** What a token says besides is a matter of its session. */
const role = z.literal('authenticated', 'role must be authenticated')

const flag = (name: string) => optional(booleanField(`${name} must be a boolean`))

/** What a service says of an account. */
export const ManagedUser = z.object({
  email: fields.email,
  phone: optional(phone),
  password: fields.text('password'),
  password_hash: fields.text('password_hash'),
  email_confirm: flag('email_confirm'),
  phone_confirm: flag('phone_confirm'),
  user_metadata: fields.record('user_metadata'),
  app_metadata: fields.record('app_metadata'),
  ban_duration: optional(banDuration),
  role: optional(role),
})

export const NewUser = ManagedUser.extend({ id: optional(id) })

export const Invitation = z.object({ email: fields.email, data: fields.record('data') })

/** What a link is for that a service mails itself. */
export const linkTypes = [
  'signup',
  'invite',
  'magiclink',
  'recovery',
  'email_change_current',
  'email_change_new',
] as const

export const Link = z.object({
  type: z.enum(linkTypes, 'Invalid email action link type requested'),
  email: fields.email,
  new_email: fields.email,
  password: fields.text('password'),
  data: fields.record('data'),
  redirect_to: fields.text('redirect_to'),
})

const wholeNumber = optional(z.string().regex(/^\d{1,9}$/, 'Bad Pagination Parameters'))

export const Users = z.object({
  page: wholeNumber,
  per_page: wholeNumber,
  filter: optional(z.string('filter must be a string').max(255, 'filter must be shorter')),
})
