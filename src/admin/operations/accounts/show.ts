import { z } from 'zod'
import { detailsOf } from '../../../core/accounts/details.ts'
import { defineOperation } from '../operation.ts'
import { isoTime, isoTimeOrNull } from '../times.ts'
import { accountAt, accountField } from './account-field.ts'
import { AccountView, presentAccountView } from './views.ts'

const time = z.string().nullable()
const passwordStates = ['own', 'imported', 'pending', 'none'] as const
type PasswordState = (typeof passwordStates)[number]

const DetailsView = AccountView.extend({
  disabledAt: time,
  signedUpThrough: z.string().nullable(),
  language: z.string().nullable(),
  timeZone: z.string().nullable(),
  profile: z.record(z.string(), z.unknown()),
  passwordState: z.enum(passwordStates).describe('How the password is kept'),
  passwordChangedAt: time,
  authenticatorSince: time,
  authenticators: z
    .array(z.object({ id: z.string(), name: z.string(), addedAt: z.string() }))
    .describe('Those in force; names may be empty'),
  recoveryCodesLeft: z.number(),
  passkeys: z.array(
    z.object({ name: z.string(), isSynced: z.boolean(), createdAt: z.string(), lastUsedAt: time }),
  ),
  trustedDevices: z.number(),
  liveSessions: z.number(),
  importedFrom: z.array(z.object({ source: z.string(), sourceId: z.string() })),
  apps: z
    .array(z.object({ client: z.string(), allowedAt: z.string() }))
    .describe('Apps that were allowed something'),
  providers: z.array(z.string()).describe('Providers that sign the person in, by their ids'),
})

export const show = defineOperation({
  name: 'accounts.show',
  summary: 'Show who an account is, and how its owner gets in',
  capability: 'accounts.read',
  at: 'realm',
  method: 'GET',
  path: '/accounts/:account',
  input: z.object({ account: accountField }),
  output: DetailsView,
  run: async (desk, { account: id }) => {
    const details = await detailsOf(desk.ctx, await accountAt(desk, id))
    const { account } = details
    return {
      ...presentAccountView(account),
      disabledAt: isoTimeOrNull(account.disabled_at),
      signedUpThrough: account.signed_up_through,
      language: account.language,
      timeZone: account.time_zone,
      profile: JSON.parse(account.profile),
      passwordState: passwordStateOf(account),
      passwordChangedAt: isoTimeOrNull(account.password_changed_at),
      authenticatorSince: isoTimeOrNull(details.authenticators[0]?.confirmedAt ?? null),
      authenticators: details.authenticators.map(({ id, name, confirmedAt }) => ({
        id,
        name,
        addedAt: isoTime(confirmedAt),
      })),
      recoveryCodesLeft: details.recoveryCodesLeft,
      passkeys: details.passkeys.map((passkey) => ({
        name: passkey.name,
        isSynced: passkey.backed_up === 1,
        createdAt: isoTime(passkey.created_at),
        lastUsedAt: isoTimeOrNull(passkey.last_used_at),
      })),
      trustedDevices: details.trustedDevices,
      liveSessions: details.liveSessions,
      importedFrom: details.importedFrom,
      apps: details.consents.map((consent) => ({
        client: consent.client_id,
        allowedAt: isoTime(consent.granted_at),
      })),
      providers: details.providers,
    }
  },
})

function passwordStateOf({
  password_hash: hash,
  password_kind: kind,
  password_pending: pending,
}: {
  password_hash: string | null
  password_kind: string | null
  password_pending: string | null
}): PasswordState {
  if (hash !== null) return kind === null ? 'own' : 'imported'
  return pending === null ? 'none' : 'pending'
}
