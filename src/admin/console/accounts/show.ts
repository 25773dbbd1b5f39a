import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../../../http/types.ts'
import { textOfEvent } from '../../../pages/account/event-texts.ts'
import * as actions from '../../operations/accounts/actions.ts'
import { changeName } from '../../operations/accounts/create.ts'
import { exportData } from '../../operations/accounts/export.ts'
import { show } from '../../operations/accounts/show.ts'
import { timeline, timelineFilters } from '../../operations/accounts/timeline.ts'
import type { Operation } from '../../operations/operation.ts'
import { perform } from '../../operations/operation.ts'
import { list as listSessions } from '../../operations/sessions/sessions.ts'
import type { ConsoleParts } from '../console-parts.ts'
import { filtersOf, pathWith, realmBase } from '../lists.ts'
import { kindText } from '../message-texts.ts'
import { type Told, troubleOf } from '../problems.ts'
import { presentSession } from '../sessions.ts'
import { type Texts, textsFor } from '../texts.ts'
import { canDo, goOn, performFor, sendConsole, timeFor } from '../visit.ts'

/** Of the timeline and of the sessions that the page of an account shows. */
const mostItems = 20
const mostSessions = 5

/** One account: who it is, what has happened to it, where it is signed in, and what can be done. */
export function accountPage(scope: App, parts: ConsoleParts): void {
  const path = '/admin/realms/:realm/accounts/:account'
  scope.get(path, (request, reply) => send(parts, request, reply))
  for (const [name, { operation, notice }] of Object.entries(atOnce)) {
    scope.post(`${path}/${name}`, async (request, reply) => {
      try {
        await performFor(request, operation)
        return goOn(request, reply, accountPath(request), { text: notice })
      } catch (error) {
        return send(parts, request, reply, troubleOf(request, error))
      }
    })
  }
}

/** What is done by a button alone: it can be done again, or takes nothing that its owner does not get back. */
const atOnce = {
  'send-reset': { operation: actions.sendResetLink, notice: 'resetLinkSent' },
  'send-verification': { operation: actions.sendVerificationLink, notice: 'verificationLinkSent' },
  'end-sessions': { operation: actions.endSessions, notice: 'accountSessionsEnded' },
} as const satisfies Record<string, { operation: Operation; notice: keyof Texts }>

/** The page of the account that a request names. */
export function accountPath(request: FastifyRequest): string {
  const { account } = request.params as { account: string }
  return `${realmBase(request)}/accounts/${encodeURIComponent(account)}`
}

async function send(
  { sendPage }: ConsoleParts,
  request: FastifyRequest,
  reply: FastifyReply,
  trouble?: Told,
) {
  const { desk } = request.visit
  const { account: id } = request.params as { account: string }
  const account = await perform(show, desk, { account: id })
  const filters = filtersOf(request, ['only', 'after'])
  const [happened, sessions] = await Promise.all([
    perform(timeline, desk, { account: account.id, ...filters, most: mostItems }),
    perform(listSessions, desk, { account: account.id, most: mostSessions }),
  ])
  const path = accountPath(request)
  const data = {
    ...presentDetails(request, account),
    path,
    sessions: sessions.items.map((session) => presentSession(request, session)),
    allSessions: pathWith(`${realmBase(request)}/sessions`, { account: account.id }),
    timeline: happened.items.map((item) => presentItem(request, item)),
    only: filters.only,
    choices: [undefined, ...timelineFilters].map((only) => ({
      href: pathWith(path, { only }),
      text: textsFor(request)[`timeline_${only ?? 'all'}`],
      isChosen: filters.only === only,
    })),
    older: happened.next === null ? undefined : pathWith(path, { only: filters.only, after: happened.next }),
    newest: filters.after === undefined ? undefined : pathWith(path, { only: filters.only }),
    may: allowed(request),
  }
  return sendConsole(
    sendPage,
    { request, reply, trouble },
    { template: 'account', current: 'accounts', data },
  )
}

function presentDetails(request: FastifyRequest, account: Awaited<ReturnType<typeof showOf>>) {
  const texts = textsFor(request)
  const time = (at: string | null) => timeFor(request, at)
  return {
    account,
    name: account.email ?? account.username ?? account.phone ?? account.id,
    emailVerified: time(account.emailVerifiedAt),
    phoneVerified: time(account.phoneVerifiedAt),
    disabledSince: time(account.disabledAt),
    deletionDue: time(account.deletionDueAt),
    created: time(account.createdAt),
    lastSignIn: time(account.lastSignInAt),
    passwordText: texts[`password_${account.passwordState}`],
    passwordChanged: time(account.passwordChangedAt),
    authenticators: account.authenticators.map(({ id, name, addedAt }) => ({
      id,
      name: name || texts.authenticator,
      added: time(addedAt),
    })),
    passkeys: account.passkeys.map((passkey) => ({
      ...passkey,
      created: time(passkey.createdAt),
      lastUsed: time(passkey.lastUsedAt),
    })),
    apps: account.apps.map((app) => ({ ...app, allowed: time(app.allowedAt) })),
    profile:
      Object.keys(account.profile).length === 0 ? undefined : JSON.stringify(account.profile, undefined, 2),
  }
}

const showOf = show.run

type Item = Awaited<ReturnType<typeof timeline.run>>['items'][number]

function presentItem(request: FastifyRequest, { at, event, message }: Item) {
  const texts = textsFor(request)
  return {
    time: timeFor(request, at),
    event: event && {
      ...event,
      text: texts[textOfEvent(event)],
      isRefused: event.outcome === 'refused',
    },
    message: message && {
      ...message,
      text: kindText(texts, message),
      stateText: texts[`messageState_${message.state}`],
    },
  }
}

/** Which buttons the page has. */
function allowed(request: FastifyRequest): Record<string, boolean> {
  return {
    sendLink: canDo(request, actions.sendResetLink),
    endSessions: canDo(request, actions.endSessions),
    disable: canDo(request, actions.disable),
    removeFactor: canDo(request, actions.removeAuthenticator),
    change: canDo(request, changeName),
    export: canDo(request, exportData),
    delete: canDo(request, actions.erase),
  }
}
