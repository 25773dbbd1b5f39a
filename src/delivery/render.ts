import { join } from 'node:path'
import { Liquid } from 'liquidjs'

const ownFolder = join(import.meta.dirname, 'templates')

type Data = Record<string, unknown>

export interface MessageRenderer {
  /** Renders both forms of a mail. The first line of the text template is the subject. */
  mail(name: string, data: Data): Promise<{ subject: string; text: string; html: string }>
  /** Renders a text message. */
  sms(name: string, data: Data): Promise<string>
}

/** Messages from our own templates, or from those of the same name in a folder of the operator's. */
export function createMessageRenderer(operatorFolder: string | undefined): MessageRenderer {
  const root = operatorFolder === undefined ? ownFolder : [operatorFolder, ownFolder]
  // What is put into HTML is escaped; plain text is left as it is.
  const html = new Liquid({ root, extname: '.html.liquid', cache: true, outputEscape: 'escape' })
  const text = new Liquid({ root, extname: '.txt.liquid', cache: true })
  const sms = new Liquid({ root, extname: '.sms.liquid', cache: true })
  return {
    async mail(name, data) {
      const [plain, rich]: string[] = await Promise.all([
        text.renderFile(name, data),
        html.renderFile(name, data),
      ])
      const [subject = '', ...body] = (plain ?? '').split('\n')
      return { subject: subject.trim(), text: `${body.join('\n').trim()}\n`, html: rich ?? '' }
    },
    async sms(name, data) {
      const rendered: string = await sms.renderFile(name, data)
      return rendered.trim()
    },
  }
}
