import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { after, describe, it } from 'node:test'
import { openWorkshop } from './generated.ts'

const json = { name: 'Content-Type', value: 'application/json' }

function entry(method: string, url: string, sent: unknown, status: number, answer: unknown) {
  return {
    request: {
      method,
      url,
      headers: [json],
      postData: { mimeType: 'application/json', text: JSON.stringify(sent) },
    },
    response: {
      status,
      headers: [json],
      content: { mimeType: 'application/json', text: JSON.stringify(answer) },
    },
  }
}

const har = (...entries: object[]) => JSON.stringify({ log: { entries } })

const signIn = (answer: object) =>
  entry(
    'POST',
    'https://api.legacy.example/login',
    { email: 'ada@legacy.example', password: 'a private secret' },
    200,
    {
      token: 'a.b.c',
      ...answer,
    },
  )

describe('what `new-dialect --from` reads', () => {
  const workshop = openWorkshop()
  after(workshop.close)
  const made = () => Object.values(workshop.files()).join('\n')

  it('refuses in one sentence what is neither, and leaves nothing behind', () => {
    const files = [
      '',
      '{',
      'a: [',
      '[]',
      '{"log":{}}',
      '{"openapi":"2.0","paths":{}}',
      '{"openapi":"3.1.0","paths":{}}',
      har(),
    ]
    for (const text of files) {
      const { status, output } = workshop.make('file', text)
      assert.equal(status, 1, text)
      assert.match(output, /^[A-Z].*\.\n$/)
      assert.ok(!existsSync(workshop.folder))
    }
  })

  it('repeats no sentence that speaks of somebody', () => {
    const user = { firstName: 'Grace Brewster', plan: 'Platinum' }
    workshop.make('a.har', har(signIn({ message: 'Welcome back, Grace!', hint: 'You have Platinum.', user })))
    assert.doesNotMatch(made(), /Grace|Brewster|Platinum|ada@|legacy\.example|private secret/)
    assert.match(made(), /DECIDE: .*`message` was a text/)
  })

  it('repeats no sentence with numbers, addresses and tokens of an answer', () => {
    const message = 'Write to help@legacy.example or call 4712345678'
    workshop.make('a.har', har(signIn({ message })))
    assert.doesNotMatch(made(), /help@|4712345678/)
  })

  it('takes a path with somebody’s name in it for one with a parameter', () => {
    const profile = entry('GET', 'https://api.legacy.example/people/grace', {}, 200, { username: 'Grace' })
    const { output } = workshop.make('a.har', har(signIn({}), profile))
    assert.doesNotMatch(made() + output, /grace/i)
    assert.match(made(), /GET \/people\/:id/)
  })

  it('takes no name of a field that may be an address or a number', () => {
    workshop.make(
      'a.har',
      har(signIn({ devices: { 'ada@legacy.example': true, x47123456: 1, trusted: true } })),
    )
    assert.doesNotMatch(made(), /ada@|x47123456/)
    assert.match(made(), /trusted/)
  })

  it('writes nothing but text out of what is meant to be code', () => {
    const { status, output } = workshop.make(
      'a.har',
      har(signIn({ "x'+process.exit()+'": 1, message: "it's `$" + '{process.exit()}`\u2028done' })),
    )
    assert.equal(status, 0, output)
    for (const [file, source] of Object.entries(workshop.files()))
      if (file.endsWith('.ts')) assert.ok(stripTypeScriptTypes(source))
    assert.doesNotMatch(made(), /process\.exit/)
  })

  it('passes over other origins, and files of pages', () => {
    const other = entry('POST', 'https://metrics.example/collect', { visitor: 'v' }, 200, {})
    const image = { ...entry('GET', 'https://api.legacy.example/logo.png', {}, 200, {}) }
    image.response.content.mimeType = 'image/png'
    const { output } = workshop.make('a.har', har(other, image, signIn({})))
    assert.match(output, /^2 of the recording's requests were to other places, and passed over\.$/m)
    assert.doesNotMatch(made(), /collect|logo|metrics/)
  })
})
