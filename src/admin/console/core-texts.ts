import type { Language } from '../../core/context.ts'
import type { DescribedRule, LimitName } from '../../core/limits/limits.ts'
import { type Refusal, type RefusalReason, refusalText } from '../../core/operators/refusals.ts'
import { fillIn } from '../../lib/fill-in.ts'
import { inEnglish, type Said } from '../findings.ts'
import norwegianFields from '../locales/fields.nb.json' with { type: 'json' }
import norwegianFindings from '../locales/findings.nb.json' with { type: 'json' }
import norwegianLimits from '../locales/limits.nb.json' with { type: 'json' }
import norwegianRefusals from '../locales/refusals.nb.json' with { type: 'json' }
import { type FieldRule, fieldBounds, ruleThatSays } from '../operations/field-rules.ts'

// What the core and the operations say in English, as programs and the command line have it. Another language has all of
// it, or it does not compile.
const refusals: Record<RefusalReason, string> = norwegianRefusals
const limitTexts: Record<LimitName, Pick<DescribedRule, 'per' | 'reason'>> = norwegianLimits
const fieldTexts: Record<FieldRule, string> = norwegianFields

/** Why something cannot be, in a sentence. */
export function tellRefusal(refusal: Refusal, language: Language): string {
  return language === 'en' ? refusalText(refusal) : fillIn(refusals[refusal.reason], refusal.values)
}

/** What each count of a limit is for, and why there is one. */
export function describeLimit(
  rule: Pick<DescribedRule, 'name' | 'per' | 'reason'>,
  language: Language,
): Pick<DescribedRule, 'per' | 'reason'> {
  const { per, reason } = language === 'en' ? rule : limitTexts[rule.name as LimitName]
  return { per, reason }
}

/** What is said beside a field that is wrong; a sentence that is not of ours stays as it is. */
export function tellField(message: string, language: Language): string {
  const rule = ruleThatSays(message)
  if (language === 'en' || rule === undefined) return message
  return fillIn(fieldTexts[rule], fieldBounds)
}

/** What a check has found, or advises. */
export function tellFinding(said: Said | string, language: Language): string {
  if (language === 'en' || typeof said === 'string') return inEnglish(said)
  return fillIn(norwegianFindings[said.sentence], said.values)
}
