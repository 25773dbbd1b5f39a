import { createInterface } from 'node:readline/promises'
import type { ImportFormat } from '../../imports/format.ts'
import { CommandError } from '../failure.ts'
import type { Outside } from '../outside.ts'
import { askUnseen } from '../terminal/ask.ts'

/**
 * The secrets of those names that a format makes use of: each from the environment, or else typed unseen at a terminal,
 * or else the next line of standard input. Throws `CommandError` for a name that means nothing to it, and without a value.
 */
export async function readSecrets(
  outside: Outside,
  format: Pick<ImportFormat, 'name' | 'secrets'>,
  names: string[],
): Promise<Record<string, string>> {
  const known = format.secrets ?? []
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new CommandError(
      `${format.name} has no use for a secret ${unknown}${known.length > 0 ? `: ${known.join(', ')}` : ''}`,
    )
  const unset = names.filter((name) => !valueIn(outside, name))
  const typed = await readLines(outside, unset)
  return Object.fromEntries(
    names.map((name): [string, string] => {
      const value = valueIn(outside, name) ?? typed[unset.indexOf(name)]
      if (!value)
        throw new CommandError(`there is no ${name}: set it in the environment, or pipe a line with it in`)
      return [name, value]
    }),
  )
}

async function readLines(outside: Outside, names: string[]): Promise<string[]> {
  const lines: string[] = []
  if (names.length === 0) return lines
  if (outside.stdin.isTTY) {
    for (const name of names) lines.push(await askUnseen(outside, `${name}: `))
    return lines
  }
  const reader = createInterface({ input: outside.stdin })
  for await (const line of reader) {
    lines.push(line)
    if (lines.length === names.length) break
  }
  reader.close()
  return lines
}

/** Variables are written in capitals, and some of these names are not. */
function valueIn({ env }: Outside, name: string): string | undefined {
  return env[name] || env[name.toUpperCase()] || undefined
}
