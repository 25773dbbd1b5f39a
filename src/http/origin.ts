import type { FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import type { Device, Language, Origin } from '../core/context.ts'
import { cookieValues, secretCookie } from './cookies.ts'
import { readUserAgent } from './device.ts'

/** Norwegian browsers also ask for `no` and, where bokmål is understood, `nn`. */
const spoken: Record<string, Language> = { en: 'en', nb: 'nb', no: 'nb', nn: 'nb' }

/** Who sends the request. */
export function originOf(request: FastifyRequest): Origin {
  return new RequestOrigin(request)
}

class RequestOrigin implements Origin {
  readonly ip: string
  readonly userAgent: string | undefined
  readonly requestId: string
  readonly traceparent: string | undefined
  readonly #request: FastifyRequest

  constructor(request: FastifyRequest) {
    this.ip = request.clientAddress
    this.userAgent = readableText(request.headers['user-agent'])
    this.requestId = request.id
    this.traceparent = request.scope?.traceparent
    this.#request = request
  }

  /** Read where it is asked for, which is when a session begins. */
  get device(): Device | undefined {
    return readUserAgent(this.userAgent)
  }

  /** Read where it is asked for: most requests are answered in the words of a dialect. */
  get language(): Language {
    return languageOf(this.#request)
  }
}

/** What people are shown of a header: Node has a letter for each byte, and any of them may be a control of a terminal. */
function readableText(header: string | undefined): string | undefined {
  if (header === undefined || /^[ -~]*$/.test(header)) return header
  return Buffer.from(header, 'latin1')
    .toString()
    .replaceAll(/\p{Cc}/gu, ' ')
}

/** The language that a browser was switched to, for a year. */
const languageCookie = secretCookie('__Host-manydoors-language', 365 * 24 * 60 * 60)

declare module 'fastify' {
  interface FastifyRequest {
    /** The language that the account of whoever is signed in keeps, where it keeps one; else the one that the app asks for. */
    accountLanguage: Language | undefined
  }
}

/**
 * The language that the browser was switched to, else that of the account that it is signed in to, else the one that the
 * sender likes best of those that we have; English if none.
 */
export function languageOf(request: FastifyRequest): Language {
  return switchedLanguage(request) ?? request.accountLanguage ?? acceptedLanguage(request)
}

/** A language of ours by its code; `undefined` for any other text. */
export function readLanguage(code: string | null | undefined): Language | undefined {
  return code === 'en' || code === 'nb' ? code : undefined
}

/** Has a browser be spoken to in a language from now on. */
export function keepLanguage(reply: FastifyReply, language: Language): void {
  languageCookie.keep(reply, language)
}

/** Of two, which another host of the domain may have planted, none. */
function switchedLanguage(request: FastifyRequest): Language | undefined {
  const [code, ...others] = cookieValues(request, languageCookie.name)
  return others.length > 0 ? undefined : readLanguage(code)
}

/** Some write `nb_NO` for `nb-NO`. */
function acceptedLanguage({ headers }: FastifyRequest): Language {
  const asked = { 'accept-language': headers['accept-language']?.replaceAll('_', '-') }
  const [wanted = 'en'] = new Negotiator({ headers: asked }).languages(Object.keys(spoken))
  return spoken[wanted] ?? 'en'
}
