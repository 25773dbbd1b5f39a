import type { AccessTokenForm } from '../../core/sessions/access-token-form.ts'
import { methodsOf } from './methods.ts'
import { base } from './paths.ts'
import { appMetadata, phoneText, userMetadata } from './present.ts'

/** Longer than that what the person says of themselves is left out of tokens: they go into a header of each request. */
const maxMetadataLength = 8192

/** The access tokens of contracts/gotrue.md. Of a session that lacks the second factor `role` says that nothing is open yet. */
export function accessTokenForm({
  pendingRole = 'mfa_pending',
}: {
  pendingRole?: 'mfa_pending' | 'authenticated'
}): AccessTokenForm {
  return {
    issuerPath: base,
    audience: 'authenticated',
    claimsOf: ({ account, session, lacksSecondFactor }) => {
      const metadata = userMetadata(account)
      return {
        role: lacksSecondFactor ? pendingRole : 'authenticated',
        email: account.email ?? '',
        phone: phoneText(account),
        app_metadata: appMetadata(account),
        user_metadata: JSON.stringify(metadata).length > maxMetadataLength ? {} : metadata,
        session_id: session.id,
        aal: session.second_factor_at === null ? 'aal1' : 'aal2',
        amr: methodsOf(session),
        is_anonymous: false,
      }
    },
  }
}
