import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyReply } from 'fastify'
import { Liquid } from 'liquidjs'

const templates = new Liquid({
  root: join(import.meta.dirname, 'templates'),
  extname: '.html.liquid',
  cache: true,
  outputEscape: 'escape',
})

/** The one stylesheet of all pages. */
export const stylesheet = readFileSync(join(import.meta.dirname, 'templates', 'style.css'), 'utf8')

/** No script at all, our own stylesheet, and forms that go nowhere else. */
const pagePolicy =
  "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/** Answers with a page; everything that is put into it is escaped. */
export async function sendPage(
  reply: FastifyReply,
  status: number,
  template: string,
  data: Record<string, unknown> = {},
): Promise<FastifyReply> {
  const html = await templates.renderFile(template, data)
  return reply
    .code(status)
    .header('content-security-policy', pagePolicy)
    .type('text/html; charset=utf-8')
    .send(html)
}
