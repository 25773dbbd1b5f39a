import type { FieldClass, WireFields } from '../http/wire-fields.ts'
import { cookiesIn, headersNamed, jsonIn, type ShadowAnswer } from './exchange.ts'
import type { Pairs } from './pairs.ts'
import { partsOf, pathOf } from './routes.ts'
import { claimsOf, isOpaque } from './value-forms.ts'

/** Takes from two answers to one request what each server has made for itself. */
export function learnPairs(
  pairs: Pairs,
  { old, fresh }: { old: ShadowAnswer; fresh: ShadowAnswer },
  fields: WireFields,
): void {
  const learn = learnWith(pairs, fields)
  learn(jsonIn(old), jsonIn(fresh), undefined)
  const cookies = new Map(cookiesIn(fresh).map((cookie) => [cookie.name, cookie]))
  for (const { name, id, value } of cookiesIn(old)) {
    learn(value, cookies.get(name)?.value, name)
    learn(id, cookies.get(name)?.id, undefined, 'id')
  }
  for (const header of ['location', ...(fields.addressHeaders ?? [])]) {
    const [oldAddress, freshAddress] = [old, fresh].map((answer) => headersNamed(answer, header)[0])
    if (oldAddress !== undefined && freshAddress !== undefined)
      learnAddress(learn, { old: oldAddress, fresh: freshAddress }, fields)
  }
}

type Learn = (old: unknown, fresh: unknown, name: string | undefined, fieldClass?: FieldClass) => void

function learnWith(pairs: Pairs, { fields }: WireFields): Learn {
  const learn: Learn = (old, fresh, name, fieldClass = name === undefined ? undefined : fields[name]) => {
    if (typeof old === 'string' && typeof fresh === 'string') {
      if (fieldClass === 'totp') pairs.addTotp(old, fresh)
      if (!isPaired(old, fieldClass)) return
      pairs.add(old, fresh)
      // Clients read ids out of tokens.
      const claims = [claimsOf(old), claimsOf(fresh)]
      learn(claims[0], claims[1], undefined)
      return
    }
    if (typeof old !== 'object' || typeof fresh !== 'object' || !old || !fresh) return
    for (const [key, item] of Object.entries(old)) {
      const inList = Array.isArray(old)
      learn(
        item,
        (fresh as Record<string, unknown>)[key],
        inList ? name : key,
        inList ? fieldClass : undefined,
      )
    }
  }
  return learn
}

/** Values that are the same on both sides, too: so that they count as known. */
function isPaired(old: string, fieldClass: FieldClass | undefined): boolean {
  if (old === '' || old.startsWith('data:')) return false
  if (fieldClass === undefined) return isOpaque(old)
  return fieldClass === 'token' || fieldClass === 'id'
}

function learnAddress(learn: Learn, addresses: { old: string; fresh: string }, fields: WireFields): void {
  const [old, fresh] = [addresses.old, addresses.fresh].map((text) => URL.parse(text, 'http://host'))
  if (!old || !fresh) return
  for (const [name, value] of old.searchParams) learn(value, fresh.searchParams.get(name), name)
  const freshParts = partsOf(pathOf(fresh.pathname), fields)
  for (const [index, { text, fieldClass }] of partsOf(pathOf(old.pathname), fields).entries())
    learn(text, freshParts[index]?.text, undefined, fieldClass)
}
