import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { authorizePath, register, reset, send, tokenMailed, webClient } from '../dialects/pm2/door.ts'
import { registerWithSecondFactor } from '../dialects/wolfpal/door.ts'
import { useServer } from '../harness/harness.ts'
import { plainBrowser } from './jar.ts'

/** The templates of 0.1, before there was an account page, as operators may have copied them. */
const folder = join(import.meta.dirname, 'old-overrides')

describe('templates that operators have taken from the release before', () => {
  const server = useServer('sqlite', { env: { MANYDOORS_TEMPLATES: folder } })

  it('are still what people sign in with, in the old layout and our stylesheet', async () => {
    const person = await register(server)
    const browser = plainBrowser(server)
    const page = await browser.open(authorizePath(webClient))
    assert.match(page.text, /<body>\s*<main>/)
    assert.match(page.text, /<form method="post" action="\/ui\/sign-in">/)
    const refused = await browser.submit(page, { identifier: person.username, password: 'wrong-password' })
    assert.equal(refused.status, 401)
    const style = await browser.open('/ui/style.css')
    assert.deepEqual([style.status, style.headers.get('content-type')], [200, 'text/css; charset=utf-8'])
    const { status, headers } = await browser.post('/ui/sign-in', {
      form: /name="form" value="([^"]+)"/.exec(refused.text)?.[1] ?? '',
      identifier: person.username,
      password: person.password,
    })
    assert.equal(status, 303)
    assert.match(headers.get('location') ?? '', /^\/api\/oauth\/authorize\/done\?code=/)
  })

  it('are still what people show a second factor with', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = plainBrowser(server)
    const page = await browser.open(authorizePath(webClient))
    const asked = await browser.submit(page, { identifier: person.username, password: person.password })
    assert.match(asked.text, /<form method="post" action="\/ui\/sign-in\/second-factor">/)
  })

  it('are still what people set a password with', async () => {
    const { email } = await register(server)
    const token = await tokenMailed(server, { to: email, subject: reset }, () =>
      send(server, 'POST', '/reset_password', { json: { email } }),
    )
    const browser = plainBrowser(server)
    const page = await browser.open(`/ui/reset-password?token=${token}`)
    assert.match(page.text, /At least 15 characters\. Every device will be signed out\./)
    const short = await browser.submit(page, { password: 'short' })
    assert.match(short.text, /role="alert" id="problem">The password must be at least 15 characters\.</)
    assert.match((await browser.submit(page, { password: 'a new passphrase' })).text, /Your password is set/)
  })
})
