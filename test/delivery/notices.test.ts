import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createMessageRenderer } from '../../src/delivery/render.ts'
import { messageSamples } from '../../src/delivery/samples.ts'
import { execute, select } from '../harness/database.ts'
import { register } from '../harness/doors.ts'
import { useServer } from '../harness/harness.ts'

// What a message says is the same on every database.
describe('a notice to the owner of an account', () => {
  const server = useServer('sqlite')
  const database = () => server.env.DATABASE_URL ?? ''

  /** Queues a notice as a use-case does, and returns its mail. */
  const mailOf = async (notice: string, values: Record<string, string>, subject: RegExp) => {
    const { email } = await register(server)
    const [account] = await select(database(), `select id from accounts where email = '${email}'`)
    const payload = {
      accountId: account?.id,
      brand: { name: 'Somewhere' },
      at: 1_800_000_000_000,
      notice,
      values,
    }
    await execute(
      database(),
      `insert into jobs (id, realm, kind, payload, run_at, attempts, created_at)
       values ('${email}', 'main', 'security-mail', '${JSON.stringify(payload)}', 0, 0, 0)`,
    )
    server.clock.advance(60_000)
    return server.mail(email, subject)
  }

  it('names what it is about', async () => {
    const { text, html } = await mailOf('passkey-added', { passkey: 'My new phone' }, /^A passkey was added/)
    for (const form of [text, html]) assert.match(form, /My new phone/)
    assert.match(text, /When: 15 January 2027 at 08:00 UTC\n/)
  })

  it('shows nothing of a name that a mail client would link', async () => {
    const passkey = 'https://evil.example/ 0800 123 456'
    const { text, html } = await mailOf('passkey-removed', { passkey }, /^A passkey was removed/)
    for (const form of [text, html]) assert.doesNotMatch(form, /evil\.|0800|“”|""/)
  })

  it('names the day on which an account is to be deleted', async () => {
    const { text } = await mailOf('deletion-begun', { dueAt: '1800000000000' }, /^Your account at Somewhere/)
    assert.match(text, /will be deleted on 15 January 2027,/)
  })
})

describe('templates of an operator', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'messages-'))
    await mkdir(join(folder, 'messages'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  it('that were made for the mails of a release before are still good', async () => {
    const layout =
      '<html lang="{{ language }}"><img src="{{ brand.logoUrl }}">{% block content %}{% endblock %}</html>'
    const changed = `{% layout 'layout' %}{% block content %}<p>{{ email }} of {{ brand.name }}</p>{% endblock %}`
    const footer = 'Yours, {{ name }}'
    await writeFile(join(folder, 'messages', 'layout.html.liquid'), layout)
    await writeFile(join(folder, 'messages', 'password-changed.html.liquid'), changed)
    await writeFile(join(folder, 'messages', '_button.html.liquid'), footer)
    const renderer = createMessageRenderer(folder)
    assert.deepEqual(await renderer.findProblems(), [])
    const own = await renderer.mail('password-changed', 'en', messageSamples['password-changed'])
    assert.match(own.html, /<p>ada@example\.com of Example<\/p>/)
    const ours = await renderer.mail('reset-password', 'en', messageSamples['reset-password'])
    assert.match(ours.html, />Choose a new password<\/a>/)
    assert.doesNotMatch(ours.html, /Sent by|Yours/)
  })
})
