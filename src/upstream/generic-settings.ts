import { z } from 'zod'

const pointerRule = 'must be a JSON pointer such as /user/id'
const pointer = z.string(pointerRule).regex(/^(\/([^~/]|~[01])*)*$/, pointerRule)

const pathRule = 'must be a path such as /api/login'
const path = z.string(pathRule).regex(/^\/(?![/\\])[^\s#\\]*$/, pathRule)

const scalar = z.union(
  [z.string(), z.number(), z.boolean(), z.null()],
  'must be text, a number, a boolean or null',
)

/** Tells answers by their status, and where that does not do by what is at one place of them. */
const answer = z.strictObject({
  status: z.int('must be a status such as 200').min(200).max(499),
  pointer: pointer.optional(),
  /** What has to be there; anything but null and false, where it is not given. */
  equals: scalar.optional(),
})

type Template = string | number | boolean | null | Template[] | { [name: string]: Template }
const template: z.ZodType<Template> = z.lazy(() =>
  z.union([scalar, z.array(template), z.record(z.string(), template)]),
)

const headers = z.record(
  z.string().regex(/^(?!(host|cookie|content-length|transfer-encoding|connection|x-forwarded-for)$)[\w-]+$/i),
  z.string().regex(/^[ -~]*$/),
)

const pointers = z.strictObject({
  id: pointer,
  email: pointer,
  emailVerified: pointer,
  username: pointer,
  phone: pointer,
  firstName: pointer,
  lastName: pointer,
  fullName: pointer,
})

/** How an old server is asked whose requests and answers are not known to any dialect. */
export const genericSettings = z.strictObject({
  /** Where a sign-in is posted to. */
  path,
  encoding: z.enum(['json', 'form']).optional(),
  /**
   * What is posted. The texts `{email}`, `{username}`, `{phone}`, `{identifier}` and `{password}` stand for what was
   * typed; a field that stands for what was not is left out.
   */
  body: z.record(z.string(), template),
  headers: headers.optional(),
  right: answer,
  wrong: z.union([answer, z.array(answer).min(1)], 'must be what a wrong password is answered with'),
  /** The password was right, and the address is not confirmed yet. */
  unconfirmed: answer.optional(),
  /** The password was right, and a second factor is asked for. Looked for before `right`. */
  secondFactor: answer.extend({ challenge: pointer.optional() }).optional(),
  /** The access token in a right answer. */
  token: pointer.optional(),
  /** Where the profile is, with the token; in the answer to the sign-in, where it is not given. */
  profilePath: path.optional(),
  profile: pointers.partial().optional(),
  /** Where the session is ended, with the token. */
  signOutPath: path.optional(),
})

export type GenericSettings = z.output<typeof genericSettings>
export type AnswerPattern = z.output<typeof answer>
export type BodyTemplate = Template
