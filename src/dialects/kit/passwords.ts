/** New passwords, and what is shown for one. */

export { changePassword } from '../../core/passwords/change.ts'
export { isSamePassword } from '../../core/passwords/forms.ts'
export {
  requestPasswordReset,
  requestPasswordResetOpenly,
  resetPassword,
} from '../../core/recovery/by-mail.ts'
export { requestResetCode, resetPasswordByCode } from '../../core/recovery/by-sms.ts'
export { requestReauthentication } from '../../core/self-service/reauthentication.ts'
