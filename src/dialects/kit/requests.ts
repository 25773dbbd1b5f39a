/** How requests are read, and what browsers keep between them. */

export type { FastifyReply, FastifyRequest } from 'fastify'
export { z } from 'zod'
export { foldEmail, readEmail } from '../../core/accounts/emails.ts'
export { type Identifier, readIdentifier } from '../../core/accounts/identifiers.ts'
export { readPhone } from '../../core/accounts/phones.ts'
export { usernameProblem } from '../../core/accounts/usernames.ts'
export type { Context } from '../../core/context.ts'
export { cookieValues, readCookie, secretCookie } from '../../http/cookies.ts'
export { isOfRegisteredOrigin } from '../../http/cors.ts'
export type { DoorPages, Pages } from '../../http/dialect.ts'
export {
  booleanField,
  emailField,
  emailForm,
  isUuid,
  lineField,
  linePattern,
  optional,
  optionalToken,
  readField,
  requiredText,
} from '../../http/fields.ts'
export { isKeepableJson } from '../../http/keepable-json.ts'
export { isFromAnotherSite } from '../../http/other-sites.ts'
export type { App } from '../../http/types.ts'
