import type { Language } from '../../core/context.ts'
import { type DescribedRule, limits } from '../../core/limits/limits.ts'
import { fillIn } from '../../lib/fill-in.ts'
import norwegian from '../locales/settings.nb.json' with { type: 'json' }
import { describeLimit } from './core-texts.ts'

// The schema of the settings file says in English what each setting is for; other languages find their words by that, so
// that doors from outside may have sentences of their own. Of a default, `{default}` stands there.
const descriptions: Partial<Record<string, string>> = norwegian.descriptions
const defaults: Partial<Record<string, string>> = norwegian.defaults

/** What holds where nobody has set it, as it stands in a description. */
const standsIn = /\((?!RFC )([^()]+)\)(?=(?:;.*)?$)/

/** What a setting is for. What no sentence of ours is stays as it is. */
export function tellSetting(description: string, language: Language): string {
  if (language === 'en') return description
  const [, byDefault = ''] = standsIn.exec(description) ?? []
  const general = description.replace(standsIn, '({default})')
  const text = descriptions[general] ?? limitText(general, language)
  return text === undefined ? description : fillIn(text, { default: tellDefault(byDefault, language) })
}

/** What holds where nobody has set it: a value, or words. */
export function tellDefault(byDefault: string, language: Language): string {
  if (language === 'en') return byDefault
  return defaults[byDefault] ?? byDefault.replace(/^(\d+) in (\d+[smhd])$/, '$1 på $2')
}

function limitText(description: string, language: Language): string | undefined {
  const rule = Object.values<DescribedRule>(limits).find(
    ({ reason }) => description === `${reason} ({default})`,
  )
  return rule && `${describeLimit(rule, language).reason} ({default})`
}

/** What is wrong with a setting, behind its name or `It`. What no sentence of ours is stays as it is. */
export function tellProblem(message: string, language: Language): string {
  if (language === 'en') return message
  const [, subject = '', problem = ''] = /^(\S+) (.+)\.$/s.exec(message) ?? []
  for (const [english, text] of Object.entries(norwegian.problems)) {
    const found = patternOf(english).exec(problem)
    if (found) return `${subject === 'It' ? 'Verdien' : subject} ${fillIn(text, found.groups ?? {})}.`
  }
  return message
}

/** Finds a sentence whose braces have values. */
function patternOf(sentence: string): RegExp {
  const parts = sentence.split(/\{(\w+)\}/)
  const source = parts.map((part, index) =>
    index % 2 === 0 ? part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&') : `(?<${part}>.+)`,
  )
  return new RegExp(`^${source.join('')}$`, 's')
}
