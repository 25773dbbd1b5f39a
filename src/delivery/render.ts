import { join } from 'node:path'
import { Liquid } from 'liquidjs'

const folder = join(import.meta.dirname, 'templates')

/** Everything that is put into HTML is escaped; plain text is left as it is. */
const html = new Liquid({ root: folder, extname: '.html.liquid', cache: true, outputEscape: 'escape' })
const text = new Liquid({ root: folder, extname: '.txt.liquid', cache: true })

/** Renders both forms of a mail. The first line of the text template is the subject. */
export async function renderMail(
  name: string,
  data: Record<string, unknown>,
): Promise<{ subject: string; text: string; html: string }> {
  const [plain, rich] = await Promise.all([text.renderFile(name, data), html.renderFile(name, data)])
  const [subject = '', ...body] = (plain as string).split('\n')
  return { subject: subject.trim(), text: `${body.join('\n').trim()}\n`, html: rich }
}
