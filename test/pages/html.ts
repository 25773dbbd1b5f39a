import type { Answer } from '../harness/harness.ts'

const entities: Record<string, string> = {
  '&lt;': '<',
  '&gt;': '>',
  '&#34;': '"',
  '&#39;': "'",
  '&amp;': '&',
}

/** What a browser makes of it. */
export function unescaped(html: string): string {
  return html.replaceAll(/&[^;]+;/g, (entity) => entities[entity] ?? entity)
}

/** The forms of a page, with what they hold before anything is typed. */
export function formsOf({
  text,
}: Pick<Answer, 'text'>): { action: string; fields: Record<string, string> }[] {
  return [...text.matchAll(/<form method="post" action="([^"]+)"[^>]*>(.*?)<\/form>/gs)].map(
    ([, action = '', inside = '']) => ({
      action: unescaped(action),
      fields: Object.fromEntries(
        [...inside.matchAll(/<input [^>]*>/g)].flatMap(([input]) => {
          const name = attributeOf(input, 'name')
          const isSent = name && (!/type="(checkbox|radio)"/.test(input) || / checked/.test(input))
          return isSent ? [[name, unescaped(attributeOf(input, 'value'))]] : []
        }),
      ),
    }),
  )
}

function attributeOf(tag: string, name: string): string {
  return new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? ''
}
