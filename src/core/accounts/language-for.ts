import type { AccountRow } from '../../store/schema.ts'
import type { Language } from '../context.ts'

const known: Record<Language, true> = { en: true, nb: true }

/** The language to address somebody in: the one that the owner of the account has chosen, if one did, else the other one. */
export function languageFor(
  account: Pick<AccountRow, 'language'> | undefined,
  otherwise: Language | undefined,
): Language {
  const chosen = account?.language ?? undefined
  return chosen !== undefined && isLanguage(chosen) ? chosen : (otherwise ?? 'en')
}

function isLanguage(language: string): language is Language {
  return Object.hasOwn(known, language)
}
