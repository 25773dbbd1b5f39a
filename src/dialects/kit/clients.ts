/** The apps that come through a door, and where people are sent back to. */

export type { Brand, Client } from '../../core/clients/client.ts'
export {
  allowsRedirect,
  clientsOfDoor,
  findClient,
  redirectTarget,
  registeredClient,
} from '../../core/clients/clients.ts'
export { clientOfMail } from '../../core/mailed-sign-in/find.ts'
export { clientOfToken } from '../../core/sessions/token-client.ts'
export { wholeMailText } from '../../core/text/mail-text.ts'
export { matchesPattern } from '../../http/address-pattern.ts'
