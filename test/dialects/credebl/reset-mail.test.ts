import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { mailVerification, register, signUpVerified } from '../../harness/doors.ts'
import { freshEmail, mailCausedBy, queryOf, useServer } from '../../harness/harness.ts'
import { assertFailure, assertSuccess, post, resetMail } from './door.ts'

const sent = 'Reset password link has been sent to your mail'
/** Where the hosted pages are, which stand in for a front end that was not set. */
const hosted = 'http://localhost:5000/ui'
const verifier = 'https://verifier.example.com'

describe('the reset mail of credebl', () => {
  const server = useServer('sqlite')

  let email = ''
  before(async () => {
    email = (await register(server)).email
  })

  /** Asks with these fields, whose answer must be the usual one. */
  const mailFor = async (fields: Record<string, unknown>) => {
    const mail = await resetMail(server, { email, ...fields })
    assert.equal(mail.links.length, 1)
    return { ...mail, link: mail.links[0] ?? '' }
  }

  const links: [string, Record<string, unknown>, string, string][] = [
    ['nothing', {}, hosted, ''],
    ['a registered endpoint', { endpoint: 'https://app.example.com' }, 'https://app.example.com', ''],
    ['a slash behind it', { endpoint: 'https://app.example.com/' }, 'https://app.example.com', ''],
    ['an endpoint that is not registered', { endpoint: 'https://evil.example' }, hosted, ''],
    ['a longer host', { endpoint: 'https://app.example.com.evil.example' }, hosted, ''],
    ['the host as a user', { endpoint: 'https://app.example.com@evil.example' }, hosted, ''],
    ['another path', { endpoint: 'https://app.example.com/other' }, hosted, ''],
    ['a query', { endpoint: 'https://app.example.com?x=1' }, hosted, ''],
    ['a fragment', { endpoint: 'https://app.example.com#x' }, hosted, ''],
    ['another scheme', { endpoint: 'http://app.example.com' }, hosted, ''],
    ['a script', { endpoint: 'javascript:alert(1)' }, hosted, ''],
    ['no address', { endpoint: 'nonsense' }, hosted, ''],
    ['an alias', { clientAlias: 'VERIFIER' }, verifier, 'VERIFIER'],
    ['an alias in small letters', { clientAlias: 'verifier' }, verifier, 'VERIFIER'],
    ['an alias that is not registered', { clientAlias: 'NOBODY' }, hosted, ''],
    ['an alias and its endpoint', { clientAlias: 'VERIFIER', endpoint: verifier }, verifier, 'VERIFIER'],
    [
      'an alias and the endpoint of another client',
      { clientAlias: 'VERIFIER', endpoint: 'https://app.example.com' },
      verifier,
      'VERIFIER',
    ],
    ['the endpoint of a client that is not chosen', { endpoint: verifier }, hosted, ''],
  ]
  for (const [what, fields, frontEnd, alias] of links) {
    it(`leads to ${frontEnd} for ${what}`, async () => {
      const { link } = await mailFor(fields)
      const code = queryOf(link, 'verificationCode')
      assert.match(code, /^[\w-]{43,}$/)
      const query = `verificationCode=${code}&email=${encodeURIComponent(email)}`
      const expected = `${frontEnd}/reset-password?${query}${alias && `&clientAlias=${alias}`}`
      assert.equal(link, expected)
    })
  }

  it('carries a code that is good wherever it leads', async () => {
    for (const fields of [{ endpoint: 'https://app.example.com' }, { clientAlias: 'VERIFIER' }]) {
      const token = queryOf((await mailFor(fields)).link, 'verificationCode')
      const answer = await post(server, `/password-reset/${email}`, { json: { token, password: '87654321' } })
      assert.equal(answer.status, 200, answer.text)
    }
  })

  it('shows a logo of a registered host alone', async () => {
    const known = 'https://example.com/logo.png'
    assert.ok((await mailFor({ brandLogoUrl: known })).html.includes(`src="${known}"`))
    for (const foreign of [
      'https://evil.example/logo.png',
      'https://example.com.evil.example/logo.png',
      'https://example.com@evil.example/logo.png',
      'https://example.com:8443/logo.png',
      'https://sub.example.com/logo.png',
      'http://example.com/logo.png',
      'https://evil.example@example.com/logo.png',
      'https://:evil.example@example.com/logo.png',
      'https://evil.example\\@example.com/logo.png',
    ]) {
      const { html, text } = await mailFor({ brandLogoUrl: foreign })
      assert.doesNotMatch(html, /<img/)
      assert.ok(!`${html}${text}`.includes('logo.png'))
    }
  })

  it('writes the address of a logo as it was parsed', async () => {
    const written: Record<string, string> = {
      'https://example.com\\@evil.example/l.png': 'https://example.com/@evil.example/l.png',
      'https:example.com/l.png': 'https://example.com/l.png',
      'HTTPS://EXAMPLE.com:443/a/../l.png': 'https://example.com/l.png',
      'ht\ttps://exam\nple.com/l.png': 'https://example.com/l.png',
      ' https://example.com/l.png ': 'https://example.com/l.png',
      'https://example.com/"><b>': 'https://example.com/%22%3E%3Cb%3E',
    }
    for (const [brandLogoUrl, src] of Object.entries(written))
      assert.ok((await mailFor({ brandLogoUrl })).html.includes(`src="${src}"`), brandLogoUrl)
  })

  it('refuses a logo that is no address with a protocol and a top-level domain', async () => {
    for (const brandLogoUrl of [
      'example.com/logo.png',
      '//example.com/logo.png',
      'https://localhost/logo.png',
      'https://',
      'javascript:alert(1)',
      'nonsense',
      5,
    ]) {
      const answer = await post(server, '/forgot-password', { json: { email, brandLogoUrl } })
      assertFailure(answer, 400, ['brandLogoUrl should be a valid URL'])
    }
  })

  it('names the platform as asked, and escapes the name in HTML', async () => {
    for (const platformName of ["Tom & Jerry's", 'Blå-bær 24', '東京クラブ', 'n'.repeat(30)]) {
      const { html, text, subject } = await mailFor({ platformName })
      assert.ok(html.includes(platformName.replace('&', '&amp;').replace("'", '&#39;')), html)
      assert.ok(text.includes(platformName))
      assert.equal(subject, `Set a new password for ${platformName}`)
    }
    assert.match((await mailFor({})).subject, /CREDEBL$/)
    assert.match((await mailFor({ clientAlias: 'VERIFIER' })).subject, /CREDEBL Verifier$/)
  })

  it('leaves what is not seen out of the name of the platform', async () => {
    const seen: Record<string, string> = {
      'Acme\u200b\u2060\u00ad Club': 'Acme Club',
      ' Acme\u00a0 \u3000Club ': 'Acme Club',
      'Acm\u0065\u0301': 'Acmé',
      '\u202eAcme\u2066': 'Acme',
    }
    for (const [platformName, shown] of Object.entries(seen))
      assert.equal((await mailFor({ platformName })).subject, `Set a new password for ${shown}`)
  })

  const noNames = [
    'CREDEBL. Account locked! Verify at https://evil.example/x',
    'open evil.example now',
    'evil\u3002example',
    'evil․example',
    'www evil example/x',
    'mail me@evil.example',
    'call 0800 123 456',
    'call ٠٨٠٠ ١٢٣ ٤٥٦',
    'n'.repeat(31),
    'n'.repeat(60_000),
    '<b>x</b>',
    'one\r\nBcc: x@evil.example',
    'one\u2028two',
    'one\ttwo',
    'one\u0000',
    '\u200b\u2060',
    '-&-',
    '✔ Acme',
  ]
  for (const platformName of noNames) {
    it(`names the client for ${JSON.stringify(platformName.slice(0, 60))}, with the same answer`, async () => {
      for (const [alias, name] of [
        [undefined, 'CREDEBL'],
        ['VERIFIER', 'CREDEBL Verifier'],
      ]) {
        const { subject, text, html } = await mailFor({ platformName, clientAlias: alias })
        assert.equal(subject, `Set a new password for ${name}`)
        for (const form of [text, html])
          assert.ok(!form.includes('evil') && !form.includes(platformName), form)
      }
    })
  }

  it('refuses a platform name that is no text', async () => {
    for (const platformName of [5, ['x'], { a: 'x' }]) {
      const answer = await post(server, '/forgot-password', { json: { email, platformName } })
      assertFailure(answer, 400, ['platformName should be text'])
    }
  })

  it('treats null as absent', async () => {
    const json = { email, brandLogoUrl: null, platformName: null, endpoint: null, clientAlias: null }
    const answer = await post(server, '/forgot-password', { json })
    assertSuccess(answer, 200, sent, { id: answer.body.data.id, email })
  })

  it('builds links from what is registered, whatever headers say of the host', async () => {
    const headers = { 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' }
    const { links } = await mailCausedBy(server, { to: email, subject: /new password/ }, () =>
      post(server, '/forgot-password', { json: { email }, headers }),
    )
    assert.ok(links[0]?.startsWith(`${hosted}/reset-password?`))
  })
})

describe('the reset mail of a credebl client', () => {
  const server = useServer('sqlite', {
    yaml: `
realms:
  main:
    dialects:
      credebl:
        clients:
          - frontEndUrl: 'https://App.Example.com:443\\studio//'
            brand: { name: Studio, logoUrl: 'https://Example.com\\logo.png' }
`,
  })

  it('has its addresses as they were parsed', async () => {
    const email = freshEmail()
    const code = await mailVerification(server, email)
    await signUpVerified(server, { email, password: '12345678' }, code)
    const { links, html } = await resetMail(server, { email })
    assert.ok(
      links[0]?.startsWith('https://app.example.com/studio/reset-password?verificationCode='),
      links[0],
    )
    assert.ok(html.includes('src="https://example.com/logo.png"'), html)
  })
})
