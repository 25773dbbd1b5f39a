import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { register } from '../doors.ts'
import { mailCausedBy, onEveryEngine, queryOf, useServer } from '../harness.ts'
import { assertFailure, assertSuccess, post, resetMail } from './credebl-door.ts'

const sent = 'Reset password link has been sent to your mail'
/** Where the hosted pages are, which stand in for a front end that was not set. */
const hosted = 'http://localhost:5000/ui'
const verifier = 'https://verifier.example.com'

onEveryEngine('the reset mail of credebl', (engine) => {
  const server = useServer(engine)

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
    ]) {
      const { html, text } = await mailFor({ brandLogoUrl: foreign })
      assert.doesNotMatch(html, /<img/)
      assert.ok(!`${html}${text}`.includes(new URL(foreign).host))
    }
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
    const { html, text, subject } = await mailFor({ platformName: '<b>x</b>' })
    assert.ok(html.includes('&lt;b&gt;x&lt;/b&gt;'))
    assert.ok(!html.includes('<b>x</b>'))
    assert.ok(text.includes('<b>x</b>') && subject.includes('<b>x</b>'), 'plain text stays as it is')
    assert.match((await mailFor({})).subject, /CREDEBL$/)
    assert.match((await mailFor({ clientAlias: 'VERIFIER' })).subject, /CREDEBL Verifier$/)
  })

  it('takes a platform name of at most 64 characters on one line', async () => {
    const longest = 'n'.repeat(64)
    assert.ok((await mailFor({ platformName: longest })).subject.includes(longest))
    for (const platformName of ['n'.repeat(65), 'one\r\nBcc: x@evil.example', 'one\u0000', 5, ['x']]) {
      const answer = await post(server, '/forgot-password', { json: { email, platformName } })
      const message = 'platformName should be at most 64 characters on one line'
      assertFailure(answer, 400, [message])
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
