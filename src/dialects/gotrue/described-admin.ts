import { z } from 'zod'
import type { RouteDescription } from '../../http/openapi/description.ts'
import { linkTypes } from './admin-fields.ts'
import { Factor, ListedUser, Nothing, User } from './described-bodies.ts'
import { factor, user } from './described-examples.ts'
import { invalid, noService, own } from './described-refusals.ts'
import { byBackEnds } from './described-ways.ts'
import { refusals } from './errors.ts'
import { base } from './paths.ts'

const { id, email } = user
const users = `${base}/admin/users`
const notNamed = [own(refusals.userIdForm), own(refusals.userNotFound)]

const pages = {
  'X-Total-Count': {
    description: 'How many there are in all',
    required: true,
    schema: { type: 'integer', minimum: 0 },
  },
  Link: {
    description: 'RFC 8288: where the next page and the last one are',
    required: true,
    schema: { type: 'string' },
    example: '</admin/users?page=2&per_page=50>; rel="next", </admin/users?page=3&per_page=50>; rel="last"',
  },
}

const listing: Record<string, RouteDescription> = {
  [`GET ${users}`]: {
    summary: 'List accounts',
    description: 'The newest first. `filter` looks into addresses, numbers and `full_name` of the metadata.',
    security: byBackEnds,
    example: { page: '1', per_page: '50' },
    answers: {
      200: {
        description: 'A page of them',
        body: z.strictObject({ users: z.array(ListedUser), aud: z.literal('authenticated') }),
        example: { users: [user], aud: 'authenticated' },
        headers: pages,
      },
    },
    refusals: [invalid, ...noService],
  },
}

const managing: Record<string, RouteDescription> = {
  [`POST ${users}`]: {
    summary: 'Open an account',
    description:
      'With an address or a number, and a password, its hash by another system, or neither. Nothing is mailed.',
    security: byBackEnds,
    example: {
      email,
      password: 'four words and blanks',
      email_confirm: true,
      user_metadata: { name: 'Ada' },
      app_metadata: { plan: 'team' },
    },
    newPassword: 'password',
    answers: { 200: { description: 'There is an account', body: ListedUser, example: user } },
    refusals: [invalid, ...noService, own(refusals.emailExists), 'phone_taken'],
  },
  [`GET ${users}/:id`]: {
    summary: 'Get an account',
    security: byBackEnds,
    example: { id },
    answers: { 200: { description: 'The account', body: User, example: user } },
    refusals: [...noService, ...notNamed],
  },
  [`PUT ${users}/:id`]: {
    summary: 'Change an account',
    description:
      'What is given, all of it or nothing. Metadata is laid over what there is, and what is `null` in it is taken away. Another ' +
      'password ends all sessions.',
    security: byBackEnds,
    example: { id, app_metadata: { plan: 'team' }, ban_duration: '24h' },
    newPassword: 'password',
    answers: { 200: { description: 'The account as it is now', body: User, example: user } },
    refusals: [invalid, ...noService, ...notNamed, own(refusals.emailExists), 'phone_taken'],
  },
  [`DELETE ${users}/:id`]: {
    summary: 'Delete an account',
    description: 'With all that is known of its person, also where `should_soft_delete` is asked for.',
    security: byBackEnds,
    example: { id },
    answers: { 200: { description: 'It is gone', body: Nothing } },
    refusals: [...noService, ...notNamed],
  },
}

const factors: Record<string, RouteDescription> = {
  [`GET ${users}/:id/factors`]: {
    summary: 'List the authenticators of an account',
    security: byBackEnds,
    example: { id },
    answers: {
      200: {
        description: 'Those that count, and those that were begun',
        body: z.array(Factor),
        example: [factor],
      },
    },
    refusals: [...noService, ...notNamed],
  },
  [`DELETE ${users}/:id/factors/:factor`]: {
    summary: 'Remove an authenticator of an account',
    security: byBackEnds,
    example: { id, factor: factor.id },
    answers: { 200: { description: 'It is gone, and was this', body: Factor, example: factor } },
    refusals: [...noService, ...notNamed, own(refusals.factorIdForm), 'second_factor_not_pending'],
  },
}

const HandedLink = z.strictObject({
  ...User.shape,
  action_link: z.url(),
  email_otp: z.string().regex(/^\d{6}$/),
  hashed_token: z.string().regex(/^[\da-f]{64}$/),
  verification_type: z.enum(linkTypes),
  redirect_to: z.string(),
})

const links: Record<string, RouteDescription> = {
  [`POST ${base}/invite`]: {
    summary: 'Invite somebody by mail',
    security: byBackEnds,
    example: { email, data: { name: 'Ada' }, redirect_to: 'https://app.example.com/welcome' },
    required: ['email'],
    answers: {
      200: {
        description: 'A mail is on its way',
        body: User,
        example: { ...user, invited_at: user.created_at },
      },
    },
    refusals: [invalid, ...noService, own(refusals.emailExists)],
  },
  [`POST ${base}/admin/generate_link`]: {
    summary: 'Make a link and a code that a back end mails itself',
    description:
      '`type` is `signup`, which takes a `password`, `invite`, `magiclink`, `recovery`, or `email_change_current` and ' +
      '`email_change_new`, which take `new_email`. Nothing is mailed.',
    security: byBackEnds,
    example: { type: 'magiclink', email, redirect_to: 'https://app.example.com/welcome' },
    required: ['email'],
    answers: {
      200: {
        description: 'The account, with the link and the code',
        body: HandedLink,
        example: {
          ...user,
          action_link: `https://auth.example.com${base}/verify?token=${'5e'.repeat(32)}&type=magiclink&redirect_to=https%3A%2F%2Fapp.example.com%2Fwelcome`,
          email_otp: '110450',
          hashed_token: '5e'.repeat(32),
          verification_type: 'magiclink',
          redirect_to: 'https://app.example.com/welcome',
        },
      },
    },
    refusals: [
      invalid,
      'password_rejected',
      ...noService,
      own(refusals.emailExists),
      own(refusals.emailNotFound),
    ],
  },
}

/** What back ends do with the accounts of people. */
export const adminRoutes: Record<string, RouteDescription> = {
  ...listing,
  ...managing,
  ...factors,
  ...links,
}
