import { join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Brand } from '../core/clients/client.ts'
import type { Language } from '../core/context.ts'
import type { RenderedPage } from '../http/openid-pages.ts'
import { languageOf } from '../http/origin.ts'
import { openTemplates } from '../lib/templates.ts'
import { type Assets, packAssets, pageAssets } from './assets.ts'
import { accentsFile, accentsName, type BrandAssets, brandAssets } from './brand-assets.ts'
import { type PageName, pageSamples, siteSample } from './samples.ts'
import { languageNames, textsIn } from './texts.ts'
import { wayBack } from './way-back.ts'

/** What a page is besides its template and what that is given. */
export interface PageSettings {
  /** Whose page it is; the realm's when not given. */
  brand?: Brand | undefined
  /** A source in the words of the content security policy: another place to which the answer to a form may redirect. */
  formTarget?: string
  /** The path that opens the page again, where that of the request does not; empty where there is none. */
  back?: string
  /** What the content security policy allows besides, as directives of it. */
  allows?: string[]
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

/** A page for whoever reads that language, and the path that opens it again, if one does. */
export type RenderPage = (
  reader: { language: Language; back: string | undefined },
  template: PageName,
  data?: Record<string, unknown>,
  settings?: PageSettings,
) => Promise<RenderedPage>

/** The pages as the operator wants them, with what they load. */
export interface PageTemplates {
  /** Makes the pages of a realm that presents itself so at the time, for what answers requests by other means. */
  renderPageOf(brandNow: () => Brand): RenderPage
  /** The pages of a realm that presents itself so at the time. */
  sendPageOf(brandNow: () => Brand): SendPage
  assets: Assets
  /** Everything that is wrong with the operator's templates, in words. */
  findProblems(): Promise<string[]>
}

/**
 * Pages from our own templates, or from those of the same name in `pages/` of a folder of the operator's, in the colours
 * of these brands.
 */
export function openPageTemplates(operatorFolder: string | undefined, brands: Brand[]): PageTemplates {
  const templates = openTemplates({
    ownFolder: join(import.meta.dirname, 'templates'),
    operatorFolder,
    within: 'pages',
    samples: pageSamples,
    common: {
      texts: textsIn('en'),
      // What pages load is packed below, with a stylesheet that may be the operator's.
      get site() {
        return { ...siteSample, assets: assets.paths }
      },
    },
  })
  const ofBrands = brandAssets(brands)
  const assets = packAssets([...pageAssets(templates.read('style.css')), ...ofBrands.files], {
    make: accentsFile,
  })
  const renderPageOf: PageTemplates['renderPageOf'] =
    (brandNow) =>
    async ({ language, back }, template, data, { brand = brandNow(), formTarget, allows } = {}) => {
      const site = {
        ...presentBrand(brand, { assets, ofBrands }),
        ...presentSwitch(language, { template, back }),
      }
      const given = { ...data, texts: textsIn(language), site }
      return {
        headers: {
          'content-security-policy': pagePolicy(formTarget, allows),
          'content-type': 'text/html; charset=utf-8',
          vary: 'Accept-Language, Cookie',
        },
        html: await templates.render(`${template}.html.liquid`, given),
      }
    }
  return {
    renderPageOf,
    sendPageOf: (brandNow) => {
      const renderPage = renderPageOf(brandNow)
      return async (request, reply, status, template, data, settings) => {
        const back = settings?.back ?? wayBack(request)
        const page = await renderPage({ language: languageOf(request), back }, template, data, settings)
        return reply.code(status).headers(page.headers).send(page.html)
      }
    },
    assets,
    findProblems: async () => [...ofBrands.problems, ...(await templates.findProblems())],
  }
}

/** What every page is given of whose it is and of what it loads. */
function presentBrand(brand: Brand, { assets, ofBrands }: { assets: Assets; ofBrands: BrandAssets }) {
  const { name, helpUrl, privacyUrl, termsUrl } = brand
  const logo = ofBrands.logoOf(brand)
  const accents = accentsName(brand)
  return {
    name,
    initial: [...name][0]?.toUpperCase() ?? '',
    logo: logo && assets.paths[logo],
    accents: accents && assets.pathOf(accents),
    helpUrl,
    privacyUrl,
    termsUrl,
    assets: assets.paths,
  }
}

/** The language that a page can be switched to, and the path that it is opened at again; neither where there is no such path. */
function presentSwitch(
  language: Language,
  { template, back }: { template: PageName; back: string | undefined },
) {
  // The pages of development are in English.
  if (back === undefined || back === '' || template.startsWith('dev-')) return {}
  const code = language === 'en' ? 'nb' : 'en'
  return { back, otherLanguage: { code, name: languageNames[code] } }
}

/** Scripts, styles and images of ours alone, no text that becomes a script, and forms that end at `formTarget` or here. */
function pagePolicy(formTarget: string | undefined, allows: string[] = []): string {
  const targets = ["'self'", ...(formTarget === undefined ? [] : [formTarget])].join(' ')
  return [
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:",
    `form-action ${targets}`,
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    ...allows,
  ].join('; ')
}
