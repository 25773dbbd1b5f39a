import { join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Language } from '../core/context.ts'
import { languageOf } from '../http/origin.ts'
import { openTemplates } from '../lib/templates.ts'
import english from './locales/en.json' with { type: 'json' }
import norwegian from './locales/nb.json' with { type: 'json' }
import { type PageName, pageSamples } from './samples.ts'

/** What pages say; every language has every text, or it does not compile. */
export type Texts = Record<keyof typeof english, string>

const languages: Record<Language, Texts> = { en: english, nb: norwegian }

/** No script, one stylesheet, images only within it and the page, and forms that end at `formTarget` or here. */
function pagePolicy(formTarget: string | undefined): string {
  const targets = ["'self'", ...(formTarget === undefined ? [] : [formTarget])].join(' ')
  return `default-src 'none'; style-src 'self'; img-src data:; form-action ${targets}; base-uri 'none'; frame-ancestors 'none'`
}

/**
 * Answers a request with a page in its language; everything that is put into it is escaped. `formTarget` is a source
 * in the words of the content security policy: another place to which the answer to a form may redirect.
 */
export type SendPage = (
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  template: PageName,
  data?: Record<string, unknown>,
  formTarget?: string,
) => Promise<FastifyReply>

/** The pages as the operator wants them, with their one stylesheet. */
export interface PageTemplates {
  sendPage: SendPage
  stylesheet: string
  /** Everything that is wrong with the operator's templates, in words. */
  findProblems(): Promise<string[]>
}

/** Pages from our own templates, or from those of the same name in `pages/` of a folder of the operator's. */
export function openPageTemplates(operatorFolder: string | undefined): PageTemplates {
  const templates = openTemplates({
    ownFolder: join(import.meta.dirname, 'templates'),
    operatorFolder,
    within: 'pages',
    samples: pageSamples,
    common: { texts: english },
  })
  return {
    sendPage: async (request, reply, status, template, data, formTarget) => {
      const texts = textsFor(request)
      const html = await templates.render(`${template}.html.liquid`, { ...data, texts })
      return reply
        .code(status)
        .headers({ 'content-security-policy': pagePolicy(formTarget), vary: 'Accept-Language' })
        .type('text/html; charset=utf-8')
        .send(html)
    },
    stylesheet: templates.read('style.css'),
    findProblems: templates.findProblems,
  }
}

/** What pages say in the language of the request. */
export function textsFor(request: FastifyRequest): Texts {
  return languages[languageOf(request)]
}
