import type { Comparison } from './comparison.ts'
import type { Difference } from './difference.ts'
import { cookiesIn, headersNamed, type ShadowAnswer } from './exchange.ts'
import { maskedPath, partsOf } from './routes.ts'
import { isHarmless } from './shown-values.ts'
import { formOf } from './value-forms.ts'

/** What clients act on; all other headers are each server's own. */
export function compareHeaders(
  { old, fresh }: { old: ShadowAnswer; fresh: ShadowAnswer },
  comparison: Comparison,
): Difference[] {
  const views = viewsOf(comparison)
  return Object.entries(views).flatMap(([name, view]): Difference[] => {
    const [of, shown] = [view(old, 'old'), view(fresh, 'new')]
    return of === shown ? [] : [{ kind: 'header', pointer: `header ${name}`, old: of, new: shown }]
  })
}

type View = (answer: ShadowAnswer, side: 'old' | 'new') => string

const none = '(none)'

/** What is compared of each header, in a form that holds nobody's values. */
function viewsOf(comparison: Comparison): Record<string, View> {
  const text =
    (name: string): View =>
    (answer) =>
      headersNamed(answer, name).join(', ').toLowerCase().slice(0, 200) || none
  const addresses = ['location', ...(comparison.fields.addressHeaders ?? [])]
  return {
    'content-type': text('content-type'),
    'cache-control': text('cache-control'),
    'retry-after': (answer) => (headersNamed(answer, 'retry-after').length > 0 ? 'there' : none),
    'set-cookie': (answer) => cookiesIn(answer).map(cookieView).sort().join(', ') || none,
    ...Object.fromEntries(
      addresses.map((name): [string, View] => [
        name,
        (answer, side) => {
          const [address] = headersNamed(answer, name)
          return address === undefined ? none : addressView(address, comparison, comparison.hosts[side])
        },
      ]),
    ),
  }
}

/** The moment of an end is each server's own, and whether there is one is not. */
function cookieView({ name, value, attributes }: ReturnType<typeof cookiesIn>[number]): string {
  const known = attributes.map((text) => (text.startsWith('expires=') ? 'expires' : text))
  return [`${name}${value === '' ? ' empty' : ''}`, ...known].join('; ')
}

function addressView(text: string, { fields, secrets }: Comparison, ownHost: string): string {
  const url = URL.parse(text, 'relative://server')
  if (!url) return 'unreadable'
  const origin =
    url.protocol === 'relative:' ? '' : url.host === ownHost ? '{server}' : `${url.protocol}//${url.host}`
  const isSomebodys = partsOf(url.pathname, fields).some(
    ({ text, fieldClass }) => fieldClass === undefined && text.length > 2 && secrets.has(text),
  )
  const path = isSomebodys ? '/{value}' : maskedPath(url.pathname, fields)
  const query = [...url.searchParams].map(([name, value]) => `${name}=${wordOr(value, secrets)}`).join('&')
  return origin + path + (query && `?${query}`)
}

/** Words of an API as they are. */
function wordOr(value: string, secrets: Set<string>): string {
  return /^[a-z_]{1,30}$/.test(value) && isHarmless(value, secrets) ? value : `<${formOf(value, undefined)}>`
}
