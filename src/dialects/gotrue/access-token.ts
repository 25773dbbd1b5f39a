import type { AccessTokenForm } from '../../core/sessions/access-token-form.ts'
import { methodsOf } from './methods.ts'
import { base } from './paths.ts'
import { appMetadata, phoneText, userMetadata, withProvenNames } from './present.ts'

/** A token goes into a header of each request, of which servers take 8 KB and we 16: what is longer is left out of it. */
const maxMetadataBytes = 3072

/** The access tokens of contracts/gotrue.md. Of a session that lacks the second factor `role` says that nothing is open yet. */
export function accessTokenForm({
  pendingRole = 'mfa_pending',
  autoconfirm,
}: {
  pendingRole?: 'mfa_pending' | 'authenticated'
  autoconfirm?: boolean
}): AccessTokenForm {
  return {
    issuerPath: base,
    audience: 'authenticated',
    claimsOf: ({ account: whole, session, lacksSecondFactor }) => {
      const account = withProvenNames(whole, { autoconfirm })
      const [app, user] = [appMetadata(account), userMetadata(account)]
      return {
        role: lacksSecondFactor ? pendingRole : 'authenticated',
        email: account.email ?? '',
        phone: phoneText(account),
        app_metadata: sizeOf(app) > maxMetadataBytes ? {} : app,
        user_metadata: sizeOf(app) + sizeOf(user) > maxMetadataBytes ? {} : user,
        session_id: session.id,
        aal: session.second_factor_at === null ? 'aal1' : 'aal2',
        amr: methodsOf(session),
        is_anonymous: false,
      }
    },
  }
}

function sizeOf(metadata: object): number {
  return Buffer.byteLength(JSON.stringify(metadata))
}
