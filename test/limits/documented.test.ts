import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type DescribedRule, limits } from '../../src/core/limits/limits.ts'

const root = join(import.meta.dirname, '..', '..')
const rules: DescribedRule[] = Object.values(limits)

const units: [seconds: number, name: string][] = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
]

function inWords(seconds: number): string {
  const [unit, name] = units.find(([unit]) => seconds % unit === 0) ?? [1, 'second']
  const count = seconds / unit
  return `${count} ${name}${count === 1 ? '' : 's'}`
}

describe('the limits', () => {
  it('are those in docs/limits.md, each with its default, its key, what resets it and why', () => {
    const text = readFileSync(join(root, 'docs', 'limits.md'), 'utf8')
    const rows = text.split('\n').filter((line) => line.startsWith('| `'))
    const told = rows.map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    const real = rules.map(({ name, points, seconds, per, clearedBy = '', reason }) => [
      `\`${name}\``,
      `${points} in ${inWords(seconds)}`,
      per,
      clearedBy,
      reason,
    ])
    assert.deepEqual(told, real)
  })

  it('have names of their own', () => {
    assert.equal(new Set(rules.map(({ name }) => name)).size, rules.length)
  })

  it('are all used', () => {
    const folder = join(root, 'src')
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    )
    const code = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
    for (const key of Object.keys(limits)) assert.match(code, new RegExp(`\\blimits\\.${key}\\b`), key)
  })

  it('let at most 100 failures in a row be judged, by whichever identifier (NIST SP 800-63B-4 §3.2.2)', () => {
    const identifiers = 3
    const atAll = limits.signInPerAccount.points + limits.signInPerAccountAtKnownIps.points
    assert.ok(identifiers * atAll <= 100)
  })
})
