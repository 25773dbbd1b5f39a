import type { FieldClass } from '../http/wire-fields.ts'
import type { Comparison } from './comparison.ts'
import type { Difference, DifferenceKind } from './difference.ts'
import { shownKey, shownValue } from './shown-values.ts'
import { formOf, isJwt, parsedObject, typeOf } from './value-forms.ts'

/** Keys, types and values of two JSON bodies; the order of keys does not count. */
export function compareJson(old: unknown, fresh: unknown, comparison: Comparison): Difference[] {
  return compareAt({ old, fresh, pointer: '', name: undefined }, comparison)
}

interface Place {
  old: unknown
  fresh: unknown
  pointer: string
  name: string | undefined
}

function compareAt(place: Place, comparison: Comparison): Difference[] {
  const { old, fresh, name } = place
  if (old === fresh) return []
  const fieldClass = name === undefined ? undefined : comparison.fields.fields[name]
  const differs = (kind: DifferenceKind): Difference[] => {
    const shown = { pointer: place.pointer, fieldClass, secrets: comparison.secrets }
    return [
      { kind, pointer: place.pointer || '/', old: shownValue(old, shown), new: shownValue(fresh, shown) },
    ]
  }
  if (typeOf(old) !== typeOf(fresh)) return differs('shape')
  if (typeof old === 'object') return compareParts(place, comparison)
  if (typeof old === 'string' && typeof fresh === 'string') {
    const [oldObject, freshObject] = [parsedObject(old), parsedObject(fresh)]
    if (oldObject && freshObject)
      return compareAt({ ...place, old: oldObject, fresh: freshObject }, comparison)
    if (
      !fieldClass &&
      comparison.pairs.get(old) === fresh &&
      formOf(old, undefined) === formOf(fresh, undefined)
    )
      return []
  }
  return isAlike(old, fresh, fieldClass) ? [] : differs('value')
}

/** Whether two values that are not the same may differ, as each server makes its own. */
function isAlike(old: unknown, fresh: unknown, fieldClass: FieldClass | undefined): boolean {
  const isOwn = fieldClass !== undefined && !['name', 'password'].includes(fieldClass)
  const bothTimes = [old, fresh].every((value) => formOf(value, undefined).startsWith('time '))
  const bothTokens = [old, fresh].every((value) => typeof value === 'string' && isJwt(value))
  return (isOwn || bothTimes || bothTokens) && formOf(old, fieldClass) === formOf(fresh, fieldClass)
}

function compareParts({ old, fresh, pointer, name }: Place, comparison: Comparison): Difference[] {
  const [oldParts, freshParts] = [old, fresh] as Record<string, unknown>[]
  if (!oldParts || !freshParts) return []
  const isList = Array.isArray(old)
  if (isList && old.length !== (fresh as unknown[]).length) {
    const count = (list: unknown) => `list of ${(list as unknown[]).length}`
    return [{ kind: 'shape', pointer: pointer || '/', old: count(old), new: count(fresh) }]
  }
  const keys = [...new Set([...Object.keys(oldParts), ...Object.keys(freshParts)])]
  return keys.flatMap((key) => {
    const step = isList ? '*' : shownKey(key)
    const place = { pointer: `${pointer}/${step}`, name: isList ? name : key }
    return compareAt({ ...place, old: oldParts[key], fresh: freshParts[key] }, comparison)
  })
}
