/** Another e-mail address or phone number, once whoever reads the messages there has confirmed it. */

export type { Half as EmailChangeHalf } from '../../core/mailed-email-change/halves.ts'
export { requestChangeMailsAgain as requestEmailChangeMailsAgain } from '../../core/mailed-email-change/request.ts'
export { pendingProofs } from '../../core/mailed-sign-in/pending.ts'
export { confirmTextedChange as confirmPhoneChange } from '../../core/texted-phone-change/confirm.ts'
export { requestChangeTextAgain as requestPhoneChangeTextAgain } from '../../core/texted-phone-change/request.ts'
