import { AuthError } from '../../core/errors.ts'
import type { OwnRefusal, Refusal } from '../../http/openapi/description.ts'
import { errors, present, type Row, render, rowFor } from './errors.ts'
import { base } from './paths.ts'

/** A refusal in words of the door, as its document has it. */
export function own(row: Row): OwnRefusal {
  const { status, body } = present(row, undefined)
  return { code: row.code, status, body }
}

/** A refusal of the core, where more is known of it than its code. */
const known = (error: AuthError) => own(rowFor(error))

/** What every route may say besides what meets every door. */
export const everywhere: Refusal[] = [own(errors.bad_request)]

/** A field, or what fields there are, is not what the route wants. */
export const invalid: Refusal = own(errors.validation_failed)

/** Of whoever has no session, or one that is over. */
export const noCaller: Refusal[] = (['missing', 'invalid', 'ended'] as const).map((access) =>
  known(new AuthError('access_invalid', { access })),
)

/** Of whoever has no service key. */
export const noService: Refusal[] = [...noCaller, 'access_denied']

/** Of an address that has been sent too many mails, or of whoever has asked for too many. */
export const tooManyMails = tooMany('mail')

/** Of a number that has been sent too many text messages, or of whoever has asked for too many. */
export const tooManyTexts = tooMany('sms')

function tooMany(channel: string): Refusal {
  // The words hang on how the name of the rule begins.
  return known(new AuthError('rate_limited', { retryAfter: 60, limit: { rule: `${channel}-`, key: '' } }))
}

export const banned: Refusal = known(new AuthError('credentials_invalid', { isDisabled: true }))

/** Of a refresh, in the order of their likelihood. */
export const noRefresh: Refusal[] = [
  'refresh_invalid',
  known(new AuthError('refresh_invalid', { refresh: 'reused' })),
  known(new AuthError('refresh_invalid', { refresh: 'expired' })),
  refreshLimited(),
]

/** At which the client would delete its session. */
function refreshLimited(): OwnRefusal {
  const error = new AuthError('rate_limited', { retryAfter: 60 })
  const url = `${base}/token?grant_type=refresh_token`
  const { status, body } = render(errors.rate_limited, error, { url, headers: {} })
  return { code: errors.rate_limited.code, status, body }
}
