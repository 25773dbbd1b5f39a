import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const root = join(import.meta.dirname, '..', '..')
const text = readFileSync(join(root, 'docs', 'security.md'), 'utf8')

/** The design's promises, section by section. */
const sections = [
  'Passwords',
  'No oracle',
  'Guessing',
  'Client address',
  'Names',
  'Whose account',
  'Sessions',
  'Refresh',
  'Tickets',
  'Second factor',
  'Codes by SMS',
  'Tokens',
  'At rest',
  'Input',
  'Browser',
  'Logs',
  'Failure',
  'First run',
  'Connections of its own',
  'Code from outside',
  'OpenID Connect',
  'Operators',
  'The admin API',
  'RFC 9700',
]

interface Promised {
  promise: string
  proofs: { file: string; title: string }[]
}

/** What the document promises below a heading. */
function promisesOf(section: string): Promised[] {
  const [, body = ''] = text.split(`\n## ${section}\n`)
  const [own = ''] = body.split('\n## ')
  return own.split(/^\* /m).slice(1).map(readPromise)
}

function readPromise(item: string): Promised {
  const [promise = '', ...lines] = item.trim().split('\n')
  const proofs = lines.map((line) => {
    const [, file, title] = /^ {2}- `(test[^`]+)`: (.+)$/.exec(line) ?? []
    assert.ok(file && title, `no proof: ${line}`)
    return { file, title }
  })
  return { promise, proofs }
}

/** The names of the tests that a file declares, as they are written there. */
function titlesIn(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  const declared = /\bit\(\s*('(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|"(?:\\.|[^"\\])*")/g
  return [...source.matchAll(declared)].map(([, quoted = '']) =>
    quoted.slice(1, -1).replaceAll(/\\(.)/g, '$1'),
  )
}

describe('docs/security.md', () => {
  it('has a section for all that was promised', () => {
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
    assert.deepEqual(headings.slice(0, sections.length), sections)
  })

  for (const section of sections) {
    it(`proves what it promises of ${section.toLowerCase()} by tests that exist`, () => {
      const promises = promisesOf(section)
      assert.ok(promises.length > 0)
      for (const { promise, proofs } of promises) {
        assert.ok(proofs.length > 0, `nothing proves: ${promise}`)
        for (const { file, title } of proofs)
          assert.ok(titlesIn(file).includes(title), `${file} has no test "${title}"`)
      }
    })
  }

  it('names for each item of ASVS a test that exists, or says why there is none', () => {
    const [, table = ''] = text.split('\n## ASVS 5.0, item by item\n')
    const rows = [...table.matchAll(/^\| ([\d., –]+) \| [\d–]+ \| (yes|in part|no|–) \| (.+) \|$/gm)]
    assert.ok(rows.length > 120, `${rows.length} rows`)
    for (const [row, items, verdict, words = ''] of rows) {
      assert.ok(words.length > 5 || verdict === 'yes', row)
      for (const [, file = ''] of words.matchAll(/`(test[^`]*)`/g))
        assert.ok(existsSync(join(root, file)), `${items} names ${file}`)
    }
  })
})
