import type { FieldClass, WireFields } from '../http/wire-fields.ts'
import { cookiesIn, headersNamed, jsonIn, type ShadowAnswer } from './exchange.ts'

interface Given {
  value: string
  fieldClass?: FieldClass
}

/** What an answer gives out: more than a page of it names others than who asks. */
const maxGiven = 100

/** The values that an answer gives out in its body, its cookies and its addresses. */
export function valuesGiven(answer: ShadowAnswer, { fields, addressHeaders = [] }: WireFields): Given[] {
  const given: Given[] = cookiesIn(answer).flatMap(({ name, id, value }) => [
    { value, fieldClass: fields[name] },
    ...(id === undefined ? [] : [{ value: id, fieldClass: 'id' as const }]),
  ])
  for (const header of ['location', ...addressHeaders]) {
    const url = URL.parse(headersNamed(answer, header)[0] ?? '', 'http://host')
    for (const [name, value] of url?.searchParams ?? []) given.push({ value, fieldClass: fields[name] })
  }
  const walk = (value: unknown, name: string | undefined): void => {
    if (given.length >= maxGiven) return
    if (typeof value === 'string' && value.length > 2)
      given.push({ value, fieldClass: name === undefined ? undefined : fields[name] })
    if (typeof value !== 'object' || value === null) return
    for (const [key, item] of Object.entries(value)) walk(item, Array.isArray(value) ? name : key)
  }
  walk(jsonIn(answer), undefined)
  return given
}
