import { join } from 'node:path'
import type { Language } from '../core/context.ts'
import { openTemplates } from '../lib/templates.ts'
import { type MessageName, messageSamples } from './samples.ts'

type Data = Record<string, unknown>

export interface MessageRenderer {
  /** Renders both forms of a mail. The first line of the text template is the subject. */
  mail(
    name: MessageName,
    language: Language,
    data: Data,
  ): Promise<{ subject: string; text: string; html: string }>
  /** Renders a text message. */
  sms(name: MessageName, language: Language, data: Data): Promise<string>
  /** Everything that is wrong with the operator's templates, in words. */
  findProblems(): Promise<string[]>
}

/** Messages from our own templates, or from those of the same name in `messages/` of a folder of the operator's. */
export function createMessageRenderer(operatorFolder: string | undefined): MessageRenderer {
  const templates = openTemplates({
    ownFolder: join(import.meta.dirname, 'templates'),
    operatorFolder,
    within: 'messages',
    samples: messageSamples,
    common: { language: 'en' },
  })
  const render = (name: MessageName, language: Language, form: 'html' | 'txt' | 'sms', data: Data) => {
    const translated = language === 'en' ? name : `${name}.${language}`
    return templates.render(`${translated}.${form}.liquid`, { ...data, language })
  }

  return {
    async mail(name, language, data) {
      const [plain, html] = await Promise.all([
        render(name, language, 'txt', data),
        render(name, language, 'html', data),
      ])
      const [subject = '', ...body] = plain.split('\n')
      // A part with nothing to say leaves no gap.
      const text = body.join('\n').replaceAll(/\n{3,}/g, '\n\n')
      return { subject: subject.trim(), text: `${text.trim()}\n`, html }
    },
    sms: async (name, language, data) => (await render(name, language, 'sms', data)).trim(),
    findProblems: templates.findProblems,
  }
}
