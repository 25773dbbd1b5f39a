import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Liquid } from 'liquidjs'
import Negotiator from 'negotiator'
import english from './locales/en.json' with { type: 'json' }
import norwegian from './locales/nb.json' with { type: 'json' }

/** What pages say; every language has every text, or it does not compile. */
export type Texts = Record<keyof typeof english, string>

const languages: Record<string, Texts> = { en: english, nb: norwegian }
/** Norwegian browsers also ask for `no` and, where bokmål is understood, `nn`. */
const languageOf: Record<string, string> = { en: 'en', nb: 'nb', no: 'nb', nn: 'nb' }

const ownFolder = join(import.meta.dirname, 'templates')

/** The one stylesheet of all pages. */
export const stylesheet = readFileSync(join(ownFolder, 'style.css'), 'utf8')

/** No script at all, our own stylesheet, and forms that go nowhere else. */
const pagePolicy =
  "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/** Answers a request with a page in its language; everything that is put into it is escaped. */
export type SendPage = (
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  template: string,
  data?: Record<string, unknown>,
) => Promise<FastifyReply>

/** Pages from our own templates, or from those of the same name in a folder of the operator's. */
export function createPageSender(operatorFolder: string | undefined): SendPage {
  const templates = new Liquid({
    root: operatorFolder === undefined ? ownFolder : [operatorFolder, ownFolder],
    extname: '.html.liquid',
    cache: true,
    outputEscape: 'escape',
  })
  return async (request, reply, status, template, data = {}) => {
    const html = await templates.renderFile(template, { ...data, texts: textsFor(request) })
    return reply
      .code(status)
      .headers({ 'content-security-policy': pagePolicy, vary: 'Accept-Language' })
      .type('text/html; charset=utf-8')
      .send(html)
  }
}

/** The language that the browser likes best of those that we have; English if none. */
export function textsFor(request: FastifyRequest): Texts {
  const [wanted = 'en'] = new Negotiator(request.raw).languages(Object.keys(languageOf))
  return languages[languageOf[wanted] ?? 'en'] ?? english
}
