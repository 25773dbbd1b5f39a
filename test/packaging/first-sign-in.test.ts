import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { createData, type TestData } from '../harness/harness.ts'
import { type Program, startProgram } from '../harness/program.ts'

const root = join(import.meta.dirname, '..', '..')

type Language = 'sh' | 'js'

interface Block {
  /** The heading that it stands below. */
  heading: string
  language: Language
  code: string
}

const blocks = readFileSync(join(root, 'docs', 'first-sign-in.md'), 'utf8')
  .split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const heading = section.split('\n', 1)[0] ?? ''
    return [...section.matchAll(/^```(sh|js)\n(.*?)^```$/gms)].map(
      ([, language, code = '']): Block => ({ heading, language: language as Language, code }),
    )
  })

/** What the other blocks use. */
const shared = Object.groupBy(
  blocks.filter(({ heading }) => heading === 'Mails'),
  ({ language }) => language,
)
const samples = blocks.filter(({ heading }) => heading !== 'Mails')

describe('docs/first-sign-in.md', () => {
  let data: TestData
  let program: Program
  before(async () => {
    data = await createData('sqlite')
    program = await startProgram(data.env)
  })
  after(async () => {
    await program?.stop()
    await data?.drop()
  })

  for (const [index, { heading, language, code }] of samples.entries()) {
    it(`says what block ${index + 1} prints, of ${heading} in ${language}`, {
      timeout: 30_000,
    }, async (test) => {
      if (language === 'sh' && spawnSync('curl', ['--version']).error)
        return test.skip('curl is not installed')
      const common = shared[language]?.map((block) => block.code).join('') ?? ''
      const printed = await run(language, `${common}${code}`.replaceAll('http://localhost:5000', program.url))
      assertPrinted(printed, expectedOf({ heading, language, code }))
    })
  }
})

/** What a block says that it prints: the comments at its end. */
function expectedOf({ heading, language, code }: Block): string[] {
  const mark = language === 'sh' ? '# ' : '// '
  const lines = code.trimEnd().split('\n')
  const end = lines.findLastIndex((line) => !line.startsWith(mark))
  const expected = lines.slice(end + 1).map((line) => line.slice(mark.length))
  assert.ok(expected.length > 0, `a block of ${heading} says nothing of what it prints`)
  return expected
}

/** Answers that curl prints one behind the other are lines of their own in the document. */
function assertPrinted(printed: string, expected: string[]): void {
  let rest = printed
  for (const line of expected) {
    const [first = '', ...others] = line.split('…')
    const at = rest.indexOf(first)
    assert.ok(at >= 0, `${JSON.stringify(line)} is not in ${printed}`)
    rest = rest.slice(at + first.length)
    for (const other of others)
      assert.ok(rest.includes(other), `${JSON.stringify(line)} is not in ${printed}`)
  }
}

async function run(language: Language, script: string): Promise<string> {
  const path = `${dirname(process.execPath)}:${process.env.PATH}`
  const child =
    language === 'sh'
      ? spawn('sh', ['-e', '-c', script], { env: { PATH: path } })
      : spawn(process.execPath, ['--input-type=module', '-'], { cwd: root, env: { PATH: path } })
  if (language === 'js') child.stdin.end(script)
  const [printed, complaints] = await Promise.all([text(child.stdout), text(child.stderr)])
  assert.equal(complaints, '')
  return printed
}
