import type { AuditEvent } from '../audit/audit-event.ts'

/** What an endpoint can be told of, in the order in which people read them; each word is for ever. */
export const webhookEventTypes = [
  'account.created',
  'account.email_verified',
  'account.phone_verified',
  'account.email_changed',
  'account.phone_changed',
  'account.phone_removed',
  'account.username_changed',
  'account.names_restored',
  'account.email_released',
  'account.phone_released',
  'account.profile_changed',
  'account.attributes_changed',
  'account.identity_connected',
  'account.identity_disconnected',
  'account.consent_given',
  'account.consent_withdrawn',
  'account.taken_over',
  'account.disabled',
  'account.enabled',
  'account.deletion_begun',
  'account.deletion_stopped',
  'account.deleted',
  'accounts.imported',
  'accounts.import_undone',
  'session.opened',
  'session.ended',
  'session.reuse_detected',
  'password.changed',
  'password.reset',
  'second_factor.enabled',
  'second_factor.disabled',
  'second_factor.removed',
  'second_factor.recovery_code_used',
  'recovery_codes.replaced',
  'passkey.added',
  'passkey.removed',
  'passkey.clone_suspected',
  'trusted_device.added',
  'trusted_device.removed',
  'webhook.test',
] as const

type WebhookEventType = (typeof webhookEventTypes)[number]

/** How an event of the audit trail is told. */
interface Told {
  type: WebhookEventType
  /** Which outcome is told; the other one is nobody's business. */
  outcome: 'success' | 'refused'
  /** What the word in the trail that says how or why is called in `data`; where it is not told, nothing. */
  detailAs?: 'method' | 'reason' | 'provider' | 'run'
}

/** An event that stays in the trail: it has changed nothing, or concerns nobody outside. */
const kept = undefined

/** How each event of the trail is told. A new one does not compile without a decision. */
const toldAs: Record<AuditEvent, Told | undefined> = {
  'account.created': success('account.created'),
  'account.deleted': success('account.deleted'),
  'account.deletion_begun': success('account.deletion_begun'),
  'account.deletion_stopped': success('account.deletion_stopped'),
  'account.disabled': success('account.disabled'),
  'account.enabled': success('account.enabled'),
  'account.exported': kept,
  'account.imported': kept,
  'account.invited': kept,
  'account.link_made': kept,
  'account.taken_over': success('account.taken_over'),
  'accounts.exported': kept,
  'admin_token.made': kept,
  'admin_token.revoked': kept,
  'attributes.changed': success('account.attributes_changed'),
  'audit.exported': kept,
  'block.added': kept,
  'block.removed': kept,
  'accounts.import_undone': success('accounts.import_undone', 'run'),
  'accounts.imported': success('accounts.imported', 'run'),
  'client.added': kept,
  'client.changed': kept,
  'client.removed': kept,
  'client.secret_rotated': kept,
  'client.token_made': kept,
  'consent.given': success('account.consent_given'),
  'consent.withdrawn': success('account.consent_withdrawn'),
  'email.change_requested': kept,
  'email.changed': success('account.email_changed'),
  'email.link_opened': kept,
  'email.released': success('account.email_released'),
  'email.verification_requested': kept,
  'email.verified': success('account.email_verified'),
  'hook.failed': kept,
  'identity.connected': success('account.identity_connected', 'provider'),
  'identity.disconnected': success('account.identity_disconnected', 'provider'),
  'identity.proven': kept,
  'keys.replaced': kept,
  'keys.rotated': kept,
  'limits.cleared': kept,
  'message.dropped': kept,
  'message.recipient_shown': kept,
  'message.sent_again': kept,
  'messages.sent_again': kept,
  'names.change_undone': success('account.names_restored'),
  'operator.changed': kept,
  'operator.invited': kept,
  'operator.joined': kept,
  'passkey.added': success('passkey.added'),
  'passkey.clone_suspected': { type: 'passkey.clone_suspected', outcome: 'refused' },
  'passkey.removed': success('passkey.removed'),
  'passkey.renamed': kept,
  'password.changed': success('password.changed'),
  'password.reset': success('password.reset'),
  'password.reset_requested': kept,
  'password.settled': kept,
  'phone.change_requested': kept,
  'phone.changed': success('account.phone_changed'),
  'phone.released': success('account.phone_released'),
  'phone.removed': success('account.phone_removed'),
  'phone.verified': success('account.phone_verified'),
  'profile.changed': success('account.profile_changed'),
  'recovery_codes.replaced': success('recovery_codes.replaced'),
  'request.refused': kept,
  'second_factor.disabled': success('second_factor.disabled'),
  'second_factor.enabled': success('second_factor.enabled'),
  'second_factor.enrolled': kept,
  'second_factor.recovery_code_used': success('second_factor.recovery_code_used'),
  'second_factor.removed': success('second_factor.removed'),
  'session.ended': success('session.ended', 'reason'),
  'session.refresh': kept,
  'session.reuse_detected': { type: 'session.reuse_detected', outcome: 'refused' },
  'sessions.ended': kept,
  'settings.changed': kept,
  sign_in: success('session.opened', 'method'),
  'switching.finished': kept,
  'trusted_device.added': success('trusted_device.added'),
  'trusted_device.removed': success('trusted_device.removed'),
  'username.changed': success('account.username_changed'),
  'webhook.added': kept,
  'webhook.changed': kept,
  'webhook.paused': kept,
  'webhook.removed': kept,
  'webhook.resent': kept,
  'webhook.resumed': kept,
  'webhook.secret_rotated': kept,
  'webhook.tested': kept,
}

function success(type: WebhookEventType, detailAs?: Told['detailAs']): Told {
  return { type, outcome: 'success', ...(detailAs && { detailAs }) }
}

/** How an event of the trail is told to endpoints; `undefined` for one that is not. */
export function toldOf(event: AuditEvent, outcome: 'success' | 'refused'): Told | undefined {
  const told = toldAs[event]
  return told?.outcome === outcome ? told : undefined
}

/** Whether an endpoint that wants `wanted` (types, beginnings such as `session.*`, or `*`) is told of that type. */
export function wantsType(wanted: Iterable<string>, type: string): boolean {
  for (const pattern of wanted)
    if (pattern === type || (pattern.endsWith('*') && type.startsWith(pattern.slice(0, -1)))) return true
  return false
}

/** Whether it is a type, or a beginning that some type has. */
export function isTypePattern(text: string): boolean {
  return (
    webhookEventTypes.includes(text as WebhookEventType) ||
    (/^(\w+\.)?\*$/.test(text) && webhookEventTypes.some((type) => wantsType([text], type)))
  )
}
