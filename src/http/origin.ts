import type { FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import type { Device, Language, Origin } from '../core/context.ts'
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

/** The language that the sender likes best of those that we have; English if none. Some write `nb_NO` for `nb-NO`. */
export function languageOf({ headers }: FastifyRequest): Language {
  const asked = { 'accept-language': headers['accept-language']?.replaceAll('_', '-') }
  const [wanted = 'en'] = new Negotiator({ headers: asked }).languages(Object.keys(spoken))
  return spoken[wanted] ?? 'en'
}
