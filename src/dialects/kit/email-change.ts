/** Another e-mail address, which the mails to both mailboxes confirm. */

export {
  type Half as EmailChangeHalf,
  pendingChange as pendingEmailChange,
} from '../../core/mailed-email-change/halves.ts'
export { requestChangeMailsAgain as requestEmailChangeMailsAgain } from '../../core/mailed-email-change/request.ts'
