import type { AuditEvent } from '../../core/audit/audit-event.ts'
import type { AuditRow } from '../../store/schema.ts'
import type { Texts } from '../texts.ts'

/** How an event is told to the person whose account it is about. */
interface EventText {
  text: keyof Texts
  /** Where it was refused; such rows of events that have none are told as any refusal is. */
  refused?: keyof Texts
  /** By the detail of the row, success or not. Details that are not here are nobody's to read. */
  byDetail?: Record<string, keyof Texts>
  /** It changed the account, and not only who is signed in. */
  isChange?: boolean
}

const eventTexts: Record<AuditEvent, EventText | 'of no account'> = {
  'account.created': { text: 'eventAccountCreated', isChange: true },
  'account.deleted': 'of no account',
  'account.deletion_begun': { text: 'eventAccountDeletionBegun', isChange: true },
  'account.deletion_stopped': { text: 'eventAccountDeletionStopped', isChange: true },
  'account.disabled': { text: 'eventAccountDisabled', isChange: true },
  'account.enabled': { text: 'eventAccountEnabled', isChange: true },
  'account.exported': { text: 'eventAccountExported' },
  'account.imported': { text: 'eventAccountImported', isChange: true },
  'account.invited': { text: 'eventAccountInvited' },
  'account.link_made': { text: 'eventAccountLinkMade', isChange: true },
  'account.taken_over': { text: 'eventAccountTakenOver', isChange: true },
  'accounts.exported': 'of no account',
  'accounts.import_undone': 'of no account',
  'accounts.imported': 'of no account',
  'attributes.changed': { text: 'eventAttributesChanged', isChange: true },
  'audit.exported': 'of no account',
  'admin_token.made': 'of no account',
  'admin_token.revoked': 'of no account',
  'block.added': 'of no account',
  'block.removed': 'of no account',
  'client.added': 'of no account',
  'client.changed': 'of no account',
  'client.token_made': 'of no account',
  'client.removed': 'of no account',
  'client.secret_rotated': 'of no account',
  'consent.given': { text: 'eventConsentGiven', isChange: true },
  'consent.withdrawn': { text: 'eventConsentWithdrawn', isChange: true },
  'email.change_requested': { text: 'eventEmailChangeRequested' },
  'email.changed': { text: 'eventEmailChanged', isChange: true },
  'email.link_opened': { text: 'eventEmailLinkOpened' },
  'email.released': { text: 'eventEmailReleased', isChange: true },
  'email.verification_requested': { text: 'eventEmailVerificationRequested' },
  'email.verified': { text: 'eventEmailVerified', isChange: true },
  // What the sign-in came to says its own row.
  'hook.failed': 'of no account',
  'identity.connected': { text: 'eventIdentityConnected', isChange: true },
  'identity.disconnected': { text: 'eventIdentityDisconnected', isChange: true },
  'identity.proven': { text: 'eventIdentityProven', refused: 'eventIdentityProvenRefused' },
  'keys.replaced': 'of no account',
  'keys.rotated': 'of no account',
  'limits.cleared': { text: 'eventLimitsCleared' },
  'message.dropped': { text: 'eventMessageDropped' },
  'message.recipient_shown': { text: 'eventMessageRecipientShown' },
  'message.sent_again': { text: 'eventMessageSentAgain' },
  'messages.sent_again': 'of no account',
  'names.change_undone': { text: 'eventNamesChangeUndone', isChange: true },
  'operator.changed': 'of no account',
  'operator.invited': 'of no account',
  'operator.joined': 'of no account',
  'passkey.added': { text: 'eventPasskeyAdded', isChange: true, refused: 'eventPasskeyAddedRefused' },
  'passkey.clone_suspected': { text: 'eventPasskeyCloneSuspected', refused: 'eventPasskeyCloneSuspected' },
  'passkey.removed': { text: 'eventPasskeyRemoved', isChange: true },
  'passkey.renamed': { text: 'eventPasskeyRenamed', isChange: true },
  'password.changed': {
    text: 'eventPasswordChanged',
    isChange: true,
    refused: 'eventPasswordChangedRefused',
  },
  'password.reset': { text: 'eventPasswordReset', isChange: true, refused: 'eventPasswordResetRefused' },
  'password.reset_requested': { text: 'eventPasswordResetRequested' },
  'password.settled': { text: 'eventPasswordSettled', isChange: true },
  'phone.change_requested': { text: 'eventPhoneChangeRequested' },
  'phone.changed': { text: 'eventPhoneChanged', isChange: true },
  'phone.released': { text: 'eventPhoneReleased', isChange: true },
  'phone.removed': { text: 'eventPhoneRemoved', isChange: true },
  'phone.verified': { text: 'eventPhoneVerified', isChange: true },
  'profile.changed': { text: 'eventProfileChanged', isChange: true },
  'recovery_codes.replaced': { text: 'eventRecoveryCodesReplaced', isChange: true },
  'request.refused': { text: 'eventRequestRefused', refused: 'eventRequestRefused' },
  'second_factor.disabled': {
    text: 'eventSecondFactorDisabled',
    isChange: true,
    refused: 'eventSecondFactorDisabledRefused',
  },
  'second_factor.enabled': {
    text: 'eventSecondFactorEnabled',
    isChange: true,
    refused: 'eventSecondFactorEnabledRefused',
  },
  'second_factor.enrolled': { text: 'eventSecondFactorEnrolled' },
  'second_factor.recovery_code_used': { text: 'eventSecondFactorRecoveryCodeUsed', isChange: true },
  'second_factor.removed': { text: 'eventSecondFactorRemoved', isChange: true },
  'session.ended': {
    text: 'eventSessionEnded',
    byDetail: {
      all: 'eventSessionEndedAll',
      others: 'eventSessionEndedOthers',
      signed_out_remotely: 'eventSessionEndedSignedOutRemotely',
      ended_by_operator: 'eventSessionEndedEndedByOperator',
    },
  },
  'session.refresh': { text: 'eventSessionRefresh', refused: 'eventSessionRefreshRefused' },
  'session.reuse_detected': { text: 'eventSessionReuseDetected', refused: 'eventSessionReuseDetected' },
  'settings.changed': 'of no account',
  'sessions.ended': 'of no account',
  sign_in: {
    text: 'eventSignIn',
    refused: 'eventSignInRefused',
    byDetail: {
      sign_up: 'eventSignInSignUp',
      password_reset: 'eventSignInPasswordReset',
      mailed: 'eventSignInMailed',
      texted: 'eventSignInTexted',
      passkey: 'eventSignInPasskey',
      identity_provider: 'eventSignInIdentityProvider',
      old_token: 'eventSignInOldToken',
      credentials: 'eventSignInCredentials',
      second_factor: 'eventSignInSecondFactor',
      second_factor_needed: 'eventSignInSecondFactorNeeded',
      email_unverified: 'eventSignInEmailUnverified',
      phone_unverified: 'eventSignInPhoneUnverified',
      hook: 'eventSignInHook',
    },
  },
  'switching.finished': 'of no account',
  'trusted_device.added': { text: 'eventTrustedDeviceAdded', isChange: true },
  'trusted_device.removed': { text: 'eventTrustedDeviceRemoved', isChange: true },
  'username.changed': {
    text: 'eventUsernameChanged',
    isChange: true,
    refused: 'eventUsernameChangedRefused',
  },
  'webhook.added': 'of no account',
  'webhook.changed': 'of no account',
  'webhook.paused': 'of no account',
  'webhook.removed': 'of no account',
  'webhook.resent': 'of no account',
  'webhook.resumed': 'of no account',
  'webhook.secret_rotated': 'of no account',
  'webhook.tested': 'of no account',
}

const entries = Object.entries(eventTexts).flatMap(([event, text]) =>
  text === 'of no account' ? [] : [[event as AuditEvent, text] as const],
)

const textsByEvent = new Map<string, EventText>(entries)

/** The events that people are shown. */
export const personalEvents = entries.map(([event]) => event)

/** Those of them that change an account. */
export const changes = entries.filter(([, { isChange }]) => isChange).map(([event]) => event)

/** The text for a row of the trail. Nothing of its detail is shown: an operator's reason may stand there. */
export function textOfEvent({
  event,
  outcome,
  detail,
}: Pick<AuditRow, 'event' | 'outcome' | 'detail'>): keyof Texts {
  const known = textsByEvent.get(event)
  if (!known) return 'eventRequestRefused'
  const byDetail = known.byDetail?.[detail?.split('+', 1)[0] ?? '']
  if (byDetail) return byDetail
  return outcome === 'success' ? known.text : (known.refused ?? 'eventRequestRefused')
}
