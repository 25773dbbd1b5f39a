import { z } from 'zod'
import { searchAccounts } from '../../../core/accounts/search.ts'
import { optional } from '../../../http/fields.ts'
import { optionalText, pageOf, placeFields, placeOf, presentPage } from '../list-fields.ts'
import { defineOperation } from '../operation.ts'
import { AccountView, presentAccountView } from './views.ts'

export const accountStates = ['open', 'unverified', 'disabled', 'leaving'] as const

export const list = defineOperation({
  name: 'accounts.list',
  summary: 'List accounts, the newest first, or those that are called what a text begins',
  capability: 'accounts.read',
  at: 'realm',
  method: 'GET',
  path: '/accounts',
  input: z.object({
    q: optionalText().describe(
      'The beginning of an e-mail address, a user name or a phone number, or a whole id',
    ),
    state: optional(z.enum(accountStates)),
    ...placeFields,
  }),
  output: pageOf(AccountView.extend({ hasAuthenticator: z.boolean(), hasPasskey: z.boolean() })),
  run: async ({ ctx }, { q, state, ...place }) => {
    const page = await searchAccounts(ctx, { text: q, state, ...placeOf(place) })
    return presentPage(page, ({ account, hasAuthenticator, hasPasskey }) => ({
      ...presentAccountView(account),
      hasAuthenticator,
      hasPasskey,
    }))
  },
})
