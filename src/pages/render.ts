import { join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Brand } from '../core/clients/client.ts'
import type { Language } from '../core/context.ts'
import { languageOf } from '../http/origin.ts'
import { openTemplates } from '../lib/templates.ts'
import { type Assets, packAssets, pageAssets } from './assets.ts'
import englishAccount from './locales/account.en.json' with { type: 'json' }
import norwegianAccount from './locales/account.nb.json' with { type: 'json' }
import englishActivity from './locales/activity.en.json' with { type: 'json' }
import norwegianActivity from './locales/activity.nb.json' with { type: 'json' }
import english from './locales/en.json' with { type: 'json' }
import norwegian from './locales/nb.json' with { type: 'json' }
import { type PageName, pageSamples, siteSample } from './samples.ts'

const allEnglish = { ...english, ...englishAccount, ...englishActivity }

/** What pages say; every language has every text, or it does not compile. */
export type Texts = Record<keyof typeof allEnglish, string>

const languages: Record<Language, Texts> = {
  en: allEnglish,
  nb: { ...norwegian, ...norwegianAccount, ...norwegianActivity },
}

/** What a page is besides its template and what that is given. */
export interface PageSettings {
  /** Whose page it is; the realm's when not given. */
  brand?: Brand
  /** A source in the words of the content security policy: another place to which the answer to a form may redirect. */
  formTarget?: string
  /** The language of the person, where the request alone does not say it. */
  language?: Language
}

/** Answers a request with a page in its language; everything that is put into it is escaped. */
export type SendPage = (
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  template: PageName,
  data?: Record<string, unknown>,
  settings?: PageSettings,
) => Promise<FastifyReply>

/** The pages as the operator wants them, with what they load. */
export interface PageTemplates {
  /** The pages of a realm that presents itself so. */
  sendPageOf(brand: Brand): SendPage
  assets: Assets
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
    common: { texts: allEnglish, site: siteSample },
  })
  const assets = packAssets(pageAssets(templates.read('style.css')))
  return {
    sendPageOf: (realmBrand) => async (request, reply, status, template, data, settings) => {
      const { brand = realmBrand, formTarget, language = languageOf(request) } = settings ?? {}
      const site = presentSite(brand, assets)
      const html = await templates.render(`${template}.html.liquid`, {
        ...data,
        texts: languages[language],
        site,
      })
      return reply
        .code(status)
        .headers({ 'content-security-policy': pagePolicy(formTarget), vary: 'Accept-Language, Cookie' })
        .type('text/html; charset=utf-8')
        .send(html)
    },
    assets,
    findProblems: templates.findProblems,
  }
}

/** What every page is given of whose it is and of what it loads. */
function presentSite({ name }: Brand, { paths }: Assets) {
  return { name, initial: [...name][0]?.toUpperCase() ?? '', assets: paths }
}

/** Scripts, styles and images of ours alone, no text that becomes a script, and forms that end at `formTarget` or here. */
function pagePolicy(formTarget: string | undefined): string {
  const targets = ["'self'", ...(formTarget === undefined ? [] : [formTarget])].join(' ')
  return `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action ${targets}; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'`
}

/** What pages say in a language. */
export function textsIn(language: Language): Texts {
  return languages[language]
}

/** What pages say in the language of the request. */
export function textsFor(request: FastifyRequest): Texts {
  return languages[languageOf(request)]
}
