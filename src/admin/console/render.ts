import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Language } from '../../core/context.ts'
import { languageOf } from '../../http/origin.ts'
import { openTemplates } from '../../lib/templates.ts'
import { type Asset, type Assets, packAssets, pageAssets } from '../../pages/assets.ts'
import { languageNames } from '../../pages/texts.ts'
import { textsIn } from './texts.ts'

/** Answers a request with a page of the console in its language; everything that is put into it is escaped. */
export type SendPage = (
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  template: string,
  data?: Record<string, unknown>,
) => Promise<FastifyReply>

/** Where the files of the console are. */
export const assetsPath = '/admin/assets'

/** The pages of the console, with what they load. Operators' own templates are none of them. */
export interface ConsolePages {
  sendPage: SendPage
  /** A part of a page by itself, such as rows that come later. */
  renderPart(language: Language, template: string, data: Record<string, unknown>): Promise<string>
  assets: Assets
}

/** Scripts, styles and images of ours alone; htmx asks this server, and makes elements of what it gets. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/** Opens the templates of the console, and packs its files once. */
export function openConsolePages(): ConsolePages {
  const pagesFolder = join(import.meta.dirname, '../../pages/templates')
  const templates = openTemplates({
    ownFolder: join(import.meta.dirname, '../templates'),
    operatorFolder: undefined,
    sharedFolder: pagesFolder,
    within: '',
    samples: {},
    common: {},
  })
  const style = readFileSync(join(pagesFolder, 'style.css'), 'utf8')
  const assets = packAssets([...pageAssets(style), ...ownAssets()], { at: assetsPath })
  return {
    assets,
    renderPart: (language, template, data) =>
      templates.render(`${template}.html.liquid`, { ...data, texts: textsIn(language) }),
    sendPage: async (request, reply, status, template, data = {}) => {
      const language = languageOf(request)
      const site = { name: 'Manydoors', initial: 'M', assets: assets.paths, ...switchOf(language, request) }
      const html = await templates.render(`${template}.html.liquid`, {
        ...data,
        texts: textsIn(language),
        site,
      })
      return reply
        .code(status)
        .headers({
          'content-security-policy': policy,
          'content-type': 'text/html; charset=utf-8',
          vary: 'Accept-Language, Cookie, HX-Request',
        })
        .send(html)
    },
  }
}

function ownAssets(): Asset[] {
  const type = 'text/javascript; charset=utf-8'
  const ofHtmx = (path: string) =>
    readFileSync(join(fileURLToPath(import.meta.resolve('htmx.org')), '..', path))
  return [
    {
      name: 'console.css',
      type: 'text/css; charset=utf-8',
      body: readFileSync(join(import.meta.dirname, '../assets/console.css')),
    },
    { name: 'htmx.js', type, body: ofHtmx('htmx.min.js') },
    { name: 'hx-sse.js', type, body: ofHtmx('ext/hx-sse.min.js') },
  ]
}

/** The language that a page can be switched to, and where it is opened again. */
function switchOf(language: Language, { method, url, routeOptions }: FastifyRequest) {
  const back = method === 'GET' ? url : (routeOptions.config.page ?? '/admin')
  const code = language === 'en' ? 'nb' : 'en'
  return { back, otherLanguage: { code, name: languageNames[code] } }
}
