/** Another e-mail address or phone number, once whoever reads the messages there has confirmed it. */

export {
  type Half as EmailChangeHalf,
  pendingChange as pendingEmailChange,
} from '../../core/mailed-email-change/halves.ts'
export { requestChangeMailsAgain as requestEmailChangeMailsAgain } from '../../core/mailed-email-change/request.ts'
export { confirmTextedChange as confirmPhoneChange } from '../../core/texted-phone-change/confirm.ts'
export { pendingTextedPhone as pendingPhoneChange } from '../../core/texted-phone-change/pending.ts'
export { requestChangeTextAgain as requestPhoneChangeTextAgain } from '../../core/texted-phone-change/request.ts'
