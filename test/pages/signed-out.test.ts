import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register, webClient } from '../dialects/pm2/door.ts'
import { mailVerification } from '../harness/doors.ts'
import { freshEmail, useServer } from '../harness/harness.ts'
import { plainBrowser, signInAtAccount } from './jar.ts'
import { assertPage } from './page.ts'

const buttons = (text: string) =>
  [...text.matchAll(/<a class="button[^"]*" href="([^"]+)"[^>]*>([^<]+)<\/a>/g)].map(([, href, label]) => [
    href,
    label,
  ])

describe('the signed-out page', () => {
  const server = useServer('sqlite')

  it('says what has ended, and leads to a sign-in', async () => {
    const browser = await signInAtAccount(server, await register(server))
    const out = await browser.submit(await browser.open('/ui/account'), {}, '/ui/account/sign-out')
    assertPage(out, 200)
    assert.match(out.text, /Your account page is closed in this browser/)
    assert.deepEqual(buttons(out.text), [['/ui/account', 'Sign in again']])
  })

  it('leads back to the app that it came from, and to no other address', async () => {
    const from = (query: string) => plainBrowser(server).open(`/ui/signed-out?${query}`)
    assert.deepEqual(buttons((await from(`dialect=pm2&client=${webClient}`)).text)[0], [
      'https://app.keymetrics.io',
      'Back to PM2',
    ])
    for (const query of [
      'client=https://evil.example',
      'dialect=pm2&client=nobody',
      'dialect=pm2&client=a&client=b',
    ])
      assert.deepEqual(buttons((await from(query)).text), [['/ui/account', 'Sign in again']])
  })
})

describe('the page of a confirmed address', () => {
  const server = useServer('sqlite')

  it('has a next step for whoever has an account: a sign-in', async () => {
    const done = await plainBrowser(server).open('/ui/verify-email-done')
    assert.deepEqual(buttons(done.text), [['/ui/account', 'Sign in']])
  })

  it('sends nobody to a sign-in who has not signed up yet', async () => {
    const browser = plainBrowser(server)
    const code = await mailVerification(server, freshEmail())
    const done = await browser.submit(await browser.open(`/ui/verify-email?token=${code}`), {})
    assert.match(done.text, /Go back to the app to finish signing up/)
    assert.ok(!buttons(done.text).some(([, label]) => label === 'Sign in'))
  })
})
