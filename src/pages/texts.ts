import type { FastifyRequest } from 'fastify'
import type { Language } from '../core/context.ts'
import { languageOf } from '../http/origin.ts'
import englishAccount from './locales/account.en.json' with { type: 'json' }
import norwegianAccount from './locales/account.nb.json' with { type: 'json' }
import englishActivity from './locales/activity.en.json' with { type: 'json' }
import norwegianActivity from './locales/activity.nb.json' with { type: 'json' }
import english from './locales/en.json' with { type: 'json' }
import norwegian from './locales/nb.json' with { type: 'json' }
import englishOpenid from './locales/openid.en.json' with { type: 'json' }
import norwegianOpenid from './locales/openid.nb.json' with { type: 'json' }

const allEnglish = { ...english, ...englishAccount, ...englishActivity, ...englishOpenid }

/** What pages say; every language has every text, or it does not compile. */
export type Texts = Record<keyof typeof allEnglish, string>

const languages: Record<Language, Texts> = {
  en: allEnglish,
  nb: { ...norwegian, ...norwegianAccount, ...norwegianActivity, ...norwegianOpenid },
}

/** The languages that there are, each as it calls itself. */
export const languageNames: Record<Language, string> = { en: 'English', nb: 'Norsk' }

/** What pages say in a language. */
export function textsIn(language: Language): Texts {
  return languages[language]
}

/** What pages say in the language of the request. */
export function textsFor(request: FastifyRequest): Texts {
  return languages[languageOf(request)]
}
