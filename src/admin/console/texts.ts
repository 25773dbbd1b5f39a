import type { FastifyRequest } from 'fastify'
import type { Language } from '../../core/context.ts'
import { languageOf } from '../../http/origin.ts'
import { type Texts as PageTexts, textsIn as pageTextsIn } from '../../pages/texts.ts'
import english from '../locales/en.json' with { type: 'json' }
import norwegian from '../locales/nb.json' with { type: 'json' }

const allEnglish = { ...english }

/** What the console says beside what all pages do; every language has every text, or it does not compile. */
export type Texts = PageTexts & Record<keyof typeof allEnglish, string>

const languages: Record<Language, Texts> = {
  en: { ...pageTextsIn('en'), ...allEnglish },
  nb: { ...pageTextsIn('nb'), ...norwegian },
}

/** What the console says in a language. */
export function textsIn(language: Language): Texts {
  return languages[language]
}

/** What the console says in the language of the request. */
export function textsFor(request: FastifyRequest): Texts {
  return languages[languageOf(request)]
}
