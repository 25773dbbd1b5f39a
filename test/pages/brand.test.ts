import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { useServer } from '../harness/harness.ts'

const picture = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9v9z"/></svg>'
const logo = join(mkdtempSync(join(tmpdir(), 'manydoors-brand-')), 'logo.svg')
writeFileSync(logo, picture)

describe('the brand on pages', () => {
  const server = useServer('sqlite', {
    yaml: `
realms:
  main:
    brand:
      name: Ørsta & Co
      logo: "${logo}"
      accent: "#0b6438"
      helpUrl: https://help.example.com
      privacyUrl: https://example.com/privacy
      termsUrl: https://example.com/terms
    dialects:
      minbil: {}
      pm2: {}
`,
  })

  it('is its picture, its colours and its links', async () => {
    const { text } = await server.request('GET', '/ui/signed-out')
    assert.match(text, /<span>Ørsta &amp; Co<\/span>/)
    const [, path = ''] = /<img class="logo" src="([^"]+)" alt="">/.exec(text) ?? []
    const served = await server.request('GET', path)
    assert.equal(served.text, picture)
    assert.equal(served.headers.get('content-type'), 'image/svg+xml')
    assert.match(served.headers.get('content-security-policy') ?? '', /^default-src 'none'/)
    assert.match(served.headers.get('cache-control') ?? '', /immutable/)
    const [, accents = ''] = /href="([^"]+accents-[\da-f-]+\.css)"/.exec(text) ?? []
    assert.match((await server.request('GET', accents)).text, /--accent:light-dark\(#0b6438, #8fb0ff\)/)
    for (const link of [
      'https://help.example.com',
      'https://example.com/privacy',
      'https://example.com/terms',
    ])
      assert.ok(text.includes(`<a href="${link}" rel="noreferrer">`), link)
  })
})

describe('a brand without a picture', () => {
  const server = useServer('sqlite')

  it('is its first letter and its name', async () => {
    const { text } = await server.request('GET', '/ui/signed-out')
    assert.match(text, /<span class="mark" aria-hidden="true">L<\/span><span>localhost<\/span>/)
    assert.doesNotMatch(text, /<img|accents/)
  })
})
