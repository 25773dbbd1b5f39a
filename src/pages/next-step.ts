import type { FastifyRequest } from 'fastify'
import type { Client } from '../core/clients/client.ts'
import { fillIn } from '../lib/fill-in.ts'
import type { Visit } from './sign-in/visit.ts'
import { type Texts, textsFor } from './texts.ts'
import { wayBack } from './way-back.ts'

/** Where a page that has no form of its own leads on, for `_next`. */
export interface NextStep {
  href: string
  text: string
}

/** Back to the pages of an app; `undefined` where the app is not known, or has no pages of its own. */
export function backToApp(request: FastifyRequest, client: Client | undefined): NextStep | undefined {
  if (client?.frontEndUrl === undefined) return undefined
  const text = fillIn(textsFor(request).backToApp, { brand: client.brand.name })
  return { href: client.frontEndUrl, text }
}

/** On with a sign-in that an app has begun. */
export function onToSignIn(request: FastifyRequest, { path }: Pick<Visit, 'path'>): NextStep {
  return { href: `${path}/sign-in`, text: textsFor(request).signInButton }
}

/** To the account page, which asks whoever is not signed in to sign in; `undefined` where the realm has none. */
export function toAccount(request: FastifyRequest, text: keyof Texts = 'toAccount'): NextStep | undefined {
  if (!request.server.hasRoute({ method: 'GET', url: '/ui/account' })) return undefined
  return { href: '/ui/account', text: textsFor(request)[text] }
}

/** To the page that the request was for or its form was on; the account page, if any, where none is known. */
export function onceMore(request: FastifyRequest): NextStep | undefined {
  const href = wayBack(request)
  return href === undefined ? toAccount(request) : { href, text: textsFor(request).tryAgain }
}
