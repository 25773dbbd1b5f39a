import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..', '..')

export interface Plan {
  /** Its settings file. */
  yaml: string
  /** The next of its commands, in the order of the page; `undefined` behind the last one. */
  next(): string | undefined
}

/** What a section of a document tells to set, and to run. */
export function planOf(path: string, heading: string): Plan {
  const text = readFileSync(join(root, path), 'utf8')
  const section = text.split(/^## /m).find((section) => section.startsWith(`${heading}\n`))
  const blocks = (language: string) =>
    [...(section ?? '').matchAll(new RegExp(`^ *\`\`\`${language}\\n(.*?)^ *\`\`\``, 'gms'))].map(
      ([, block = '']) => block,
    )
  const commands = blocks('sh').flatMap((block) => block.split('\n').flatMap((line) => line.trim() || []))
  assert.ok(commands.length > 0, `${path} has no commands under ${heading}`)
  return { yaml: blocks('yaml').join(''), next: () => commands.shift() }
}
