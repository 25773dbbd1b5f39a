import type { Draft } from './draft.ts'
import { isSuccess } from './exchange.ts'
import { namesOf } from './roles.ts'
import { mark, titleOf } from './source.ts'

/** `README.md`: what was seen, as the document that the door is built from. */
export function readmeSource(draft: Draft): string {
  const rows = draft.routes.map(({ route, part }) => {
    const fields = namesOf(route)
      .map((name) => `\`${name}\``)
      .join(', ')
    const good = [...new Set(route.exchanges.filter(isSuccess).map(({ status }) => status))].join(', ')
    const bad = [
      ...new Set(route.exchanges.filter((one) => !isSuccess(one)).map(({ status }) => status)),
    ].join(', ')
    return `| \`${route.method} ${route.path}\` | ${part?.role ?? '?'} | ${fields} | ${good} | ${bad} |`
  })
  const leftOut = draft.leftOut.map(({ method, path }) => `* \`${method} ${path}\``)
  return `# The API of ${titleOf(draft.name)}

As it was seen. \`grep -rn ${mark} .\` finds what a person must decide; put the API's own document here.

| request | taken for | fields | answered with | refused with |
|---|---|---|---|---|
${rows.join('\n')}
${leftOut.length > 0 ? `\nLeft out, as they are not below the paths of the door:\n\n${leftOut.join('\n')}\n` : ''}`
}
