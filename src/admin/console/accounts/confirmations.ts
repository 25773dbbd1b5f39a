import type { FastifyRequest } from 'fastify'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import type { App } from '../../../http/types.ts'
import * as actions from '../../operations/accounts/actions.ts'
import { changeName } from '../../operations/accounts/create.ts'
import { exportData } from '../../operations/accounts/export.ts'
import { show } from '../../operations/accounts/show.ts'
import { perform } from '../../operations/operation.ts'
import { type Confirmation, confirmation } from '../confirm.ts'
import type { ConsoleParts } from '../console-parts.ts'
import { realmBase } from '../lists.ts'
import { textsFor } from '../texts.ts'
import { accountPath } from './show.ts'

/** What an account is called. */
async function subject(request: FastifyRequest): Promise<string> {
  const { account } = request.params as { account: string }
  const { id, email, username, phone } = await perform(show, request.visit.desk, { account })
  return email ?? username ?? phone ?? id
}

/** What one of its authenticators is called, and whose it is. */
async function authenticator(request: FastifyRequest): Promise<string> {
  const { account, authenticator: id } = request.params as { account: string; authenticator: string }
  const { authenticators } = await perform(show, request.visit.desk, { account })
  const found = authenticators.find((each) => each.id === id)
  if (!found) throw new OperatorError('not_found')
  return `${found.name || textsFor(request).authenticator} · ${await subject(request)}`
}

const common = { current: 'accounts', subject, back: accountPath } as const

const confirmations: Confirmation[] = [
  {
    ...common,
    path: '/realms/:realm/accounts/:account/disable',
    operation: actions.disable,
    title: 'accountDisableTitle',
    button: 'disable',
    will: ['accountDisableWill', 'accountDisableWillLinks'],
    willNot: ['accountDisableWillNot'],
    notice: { text: 'accountDisabled' },
  },
  {
    ...common,
    path: '/realms/:realm/accounts/:account/enable',
    operation: actions.enable,
    title: 'accountEnableTitle',
    button: 'enable',
    will: ['accountEnableWill'],
    willNot: ['accountEnableWillNot'],
    notice: { text: 'accountEnabled' },
  },
  {
    ...common,
    path: '/realms/:realm/accounts/:account/remove-second-factor',
    operation: actions.removeAuthenticator,
    title: 'removeFactorTitle',
    button: 'remove',
    will: ['removeFactorWill', 'removeFactorWillTell'],
    willNot: ['removeFactorWillNot'],
    notice: { text: 'factorRemoved' },
  },
  {
    ...common,
    path: '/realms/:realm/accounts/:account/authenticators/:authenticator/remove',
    operation: actions.removeOneAuthenticator,
    subject: authenticator,
    title: 'removeAuthenticatorTitle',
    button: 'remove',
    will: ['removeAuthenticatorWill', 'removeFactorWillTell'],
    willNot: ['removeAuthenticatorWillNot'],
    notice: { text: 'oneFactorRemoved' },
  },
  {
    ...common,
    path: '/realms/:realm/accounts/:account/remove-passkeys',
    operation: actions.removeAllPasskeys,
    title: 'removePasskeysTitle',
    button: 'remove',
    will: ['removePasskeysWill', 'removeFactorWillTell'],
    notice: { text: 'passkeysRemoved' },
  },
  {
    ...common,
    path: '/realms/:realm/accounts/:account/name',
    operation: changeName,
    title: 'changeNameTitle',
    button: 'save',
    will: ['changeNameWill', 'changeNameWillTell'],
    willNot: ['changeNameWillNot'],
    fields: ['new-name'],
    notice: { text: 'nameChanged' },
  },
  {
    ...common,
    path: '/realms/:realm/accounts/:account/export',
    operation: exportData,
    title: 'accountExportTitle',
    button: 'download',
    will: ['accountExportWill'],
    willNot: ['accountExportWillNot'],
    notice: { text: 'done' },
  },
  {
    ...common,
    path: '/realms/:realm/accounts/:account/delete',
    operation: actions.erase,
    title: 'accountDeleteTitle',
    button: 'delete',
    will: ['accountDeleteWill', 'accountDeleteWillTrail'],
    fields: ['account-name'],
    next: (request) => `${realmBase(request)}/accounts`,
    notice: { text: 'accountDeleted' },
  },
]

/** The pages that ask before something is done to an account. */
export function accountConfirmations(scope: App, parts: ConsoleParts): void {
  for (const asked of confirmations) confirmation(scope, parts, asked)
}
