import { compareHeaders } from './compare-headers.ts'
import { compareJson } from './compare-json.ts'
import type { Comparison } from './comparison.ts'
import type { Difference } from './difference.ts'
import { headersNamed, jsonIn, type ShadowAnswer } from './exchange.ts'
import type { Pairs } from './pairs.ts'

/** All in which two answers to one request differ; of two statuses, nothing but these. */
export function compareAnswers(
  answers: { old: ShadowAnswer; fresh: ShadowAnswer },
  comparison: Comparison,
): Difference[] {
  const { old, fresh } = answers
  if (old.status !== fresh.status)
    return [{ kind: 'status', pointer: 'status', old: String(old.status), new: String(fresh.status) }]
  return [...compareHeaders(answers, comparison), ...compareBodies(answers, comparison)]
}

function compareBodies(
  { old, fresh }: { old: ShadowAnswer; fresh: ShadowAnswer },
  comparison: Comparison,
): Difference[] {
  const [oldJson, freshJson] = [jsonIn(old), jsonIn(fresh)]
  if (oldJson !== undefined && freshJson !== undefined) return compareJson(oldJson, freshJson, comparison)
  const [oldText, freshText] = [old.body.toString(), fresh.body.toString()]
  if (withPairs(oldText, comparison.pairs) === freshText) return []
  return [{ kind: 'value', pointer: 'body', old: bodyForm(old), new: bodyForm(fresh) }]
}

/** A text with the new server's values in place of the old one's. */
function withPairs(text: string, pairs: Pairs): string {
  return text.replaceAll(/[\w.~+/=-]{8,}/g, (word) => pairs.get(word) ?? word)
}

function bodyForm(answer: ShadowAnswer): string {
  const type = headersNamed(answer, 'content-type')[0] ?? 'no type'
  return `<${type.split(';', 1)[0]?.slice(0, 40)}:${answer.body.length}>`
}
