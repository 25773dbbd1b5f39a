import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { registerWithSecondFactor } from '../../dialects/wolfpal/door.ts'
import { select } from '../../harness/database.ts'
import { useServer } from '../../harness/harness.ts'
import { formsOf } from '../html.ts'
import { addPasskey } from '../passkeys/software-key.ts'
import { signInWithCode } from './second-step.ts'

/**
 * What whoever has found an open browser can do: to sign out, and nothing that opens the account to them
 * or takes it from its owner.
 */
const harmless = [
  '/ui/account/apps/withdraw',
  '/ui/account/data/keep',
  '/ui/account/devices/:id/end',
  '/ui/account/devices/end-others',
  // The link and the code are still to be had; what they are for was asked for with a proof.
  '/ui/account/email/confirm',
  '/ui/account/email/forget',
  '/ui/account/email/resend',
  '/ui/account/passkeys/:id/name',
  '/ui/account/phone/confirm',
  '/ui/account/profile',
  '/ui/account/prove',
  '/ui/account/prove/passkey',
  // Hands back what it is sent.
  '/ui/account/recovery-codes/download',
  '/ui/account/trusted-devices/:id/remove',
  '/ui/account/trusted-devices/remove-all',
]

describe('whoever has found an open browser', () => {
  const server = useServer('sqlite')

  it('does with its forms nothing that is not listed here, and reads no codes, no secrets and no copy', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = await signInWithCode(server, person)
    await addPasskey(browser)
    server.clock.advance(10 * 60_000 + 1)
    const form = formsOf(await browser.open('/ui/account'))[0]?.fields.form ?? ''
    const url = server.env.DATABASE_URL ?? ''
    const account = `select email, username, phone, password_hash, deletion_due_at from accounts where email = '${person.email}'`
    const before = await select(url, account)

    const routes = server.routes.filter(
      ({ path }) => path.startsWith('/ui/account') && !path.endsWith('/sign-out'),
    )
    const open: string[] = []
    for (const { path } of routes.filter(({ method }) => method === 'POST')) {
      const typed = {
        email: 'thief@example.com',
        phone: '+4791234567',
        username: 'the thief',
        typed: person.email,
      }
      const fields = { form, ...typed, password: 'a battery staple of thieves', code: '000000' }
      const answer = await browser.post(path.replace(':id', 'none'), fields)
      const isAsked = /^\/ui\/account\/prove\?next=/.test(answer.headers.get('location') ?? '')
      if (!isAsked) open.push(path)
    }
    assert.deepEqual(open.sort(), harmless)
    assert.deepEqual(await select(url, account), before)

    const asking: string[] = []
    for (const { path } of routes.filter(({ method }) => method === 'GET')) {
      const page = await browser.open(path)
      assert.doesNotMatch(page.text, /otpauth|argon2|"secret"/, path)
      if (/<h1>Show that it is you<\/h1>/.test(page.text)) asking.push(path)
    }
    for (const part of [
      'authenticator',
      'data/delete',
      'email',
      'password',
      'phone',
      'recovery-codes',
      'username',
    ])
      assert.ok(asking.includes(`/ui/account/${part}`), part)
  })
})
