import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { execute, select } from '../harness/database.ts'
import { minbil, register } from '../harness/doors.ts'
import { freshEmail, onEveryEngine, useServer } from '../harness/harness.ts'
import { operatorOf, type TestOperator } from './operator.ts'

const base = '/admin/realms/main/accounts'

onEveryEngine('the accounts of the console', (engine) => {
  const server = useServer(engine)
  const url = () => server.env.DATABASE_URL ?? ''
  const owner = {} as TestOperator
  const open = (path: string) => owner.browser.open(path)
  const rowsOf = (html: string) =>
    [...html.matchAll(/<th scope="row"><a [^>]*>([^<]*)</g)].map(([, name]) => name)
  const idOf = async (email: string) =>
    String((await select(url(), `select id from accounts where email = '${email}'`))[0]?.id)
  /** What operators have done to an account, as the trail tells it. */
  const trailOf = (id: string) =>
    select(
      url(),
      `select event, actor, note from audit where account_id = '${id}' and actor is not null order by id`,
    )

  before(async () => {
    Object.assign(owner, await operatorOf(server))
  })

  it('say that nobody has signed up, or that nobody is called so', async () => {
    assert.match((await open(base)).text, /Nobody has signed up yet\./)
    assert.match((await open(`${base}?q=x%3Cb%3E`)).text, /No account begins with “x&lt;b&gt;”/)
  })

  it('are found by the beginning of each name and by a whole id, each once, and paged both ways', async () => {
    const values = Array.from({ length: 120 }, (_, index) => {
      const name = `zora${String(index).padStart(3, '0')}`
      const id = `00000000-0000-7000-8000-0000000${String(index).padStart(5, '0')}`
      return `('${id}', 'main', '${name}', '${name}', '${name}@example.com', '{}', ${index % 10 === 0 ? 5 : 'null'}, 1, 1)`
    })
    await execute(
      url(),
      `insert into accounts (id, realm, username, username_key, email, profile, disabled_at, created_at, updated_at)
       values ${values.join(', ')},
       ('kaare', 'main', null, null, 'kaare@example.com', '{}', null, 1, 1),
       ('kare', 'main', 'Kåre', 'kåre', null, '{}', null, 1, 1),
       ('phoned', 'main', null, null, null, '{}', null, 1, 1)`,
    )
    await execute(url(), `update accounts set phone = '+4791234567' where id = 'phoned'`)
    assert.deepEqual(rowsOf((await open(`${base}?q=ka`)).text), ['kaare@example.com'])
    assert.deepEqual(rowsOf((await open(`${base}?q=K%C3%85`)).text), ['Kåre'])
    assert.deepEqual(rowsOf((await open(`${base}?q=%2B47+912`)).text), ['+4791234567'])
    assert.deepEqual(rowsOf((await open(`${base}?q=phoned`)).text), ['+4791234567'])

    const seen: (string | undefined)[] = []
    let page = await open(`${base}?q=zora`)
    for (;;) {
      seen.push(...rowsOf(page.text))
      const older = hrefOf(page.text, 'next')
      if (older === undefined) break
      page = await open(older)
    }
    assert.equal(seen.length, 120)
    assert.equal(new Set(seen).size, 120)
    const newer = hrefOf(page.text, 'prev') ?? ''
    assert.deepEqual(rowsOf((await open(newer)).text), seen.slice(50, 100))

    const disabled = rowsOf((await open(`${base}?q=zora&state=disabled`)).text)
    assert.deepEqual(
      disabled,
      seen.filter((_, index) => index % 10 === 0),
    )
    assert.equal(rowsOf((await open(`${base}?state=disabled`)).text).length, 12)
    assert.match((await open(`${base}?q=zora&after=%21`)).text, /must be a place that this list has given/)
  })

  it('show who an account is, and what has happened to it', async () => {
    const person = await register(server)
    await minbil.signIn(server, person)
    await minbil.signIn(server, { ...person, password: 'wrong password' })
    const id = await idOf(person.email)
    const page = await open(`${base}/${id}`)
    assert.equal(page.status, 200)
    assert.match(page.text, new RegExp(`<h1>${person.email}</h1>`))
    for (const text of ['account.created', 'Message: Confirm', 'sign_in', 'Refused'])
      assert.ok(page.text.includes(text), text)
    const refused = await open(`${base}/${id}?only=refused`)
    assert.match(refused.text, /sign_in/)
    assert.doesNotMatch(refused.text, /account\.created|Message: /)
    assert.equal((await open(`${base}/nobody`)).status, 404)
  })

  it('are disabled, enabled and called otherwise for a reason, each with one row in the trail', async () => {
    const person = await register(server)
    const id = await idOf(person.email)
    const confirm = async (action: string, typed: Record<string, string> = {}) => {
      const page = await open(`${base}/${id}/${action}`)
      return owner.browser.submit(page, { reason: 'Asked for by phone', ...typed }, `${base}/${id}/${action}`)
    }
    assert.match((await confirm('disable')).text, /The account is disabled\./)
    assert.equal((await minbil.signIn(server, person)).status, 401)
    assert.match((await confirm('enable')).text, /The account is enabled\./)
    assert.equal((await minbil.signIn(server, person)).status, 200)

    const email = freshEmail()
    const moved = await confirm('name', { name: 'email', value: email, isProven: 'on' })
    assert.match(moved.text, /The name is changed\./)
    await server.mail(person.email, /was changed/)
    assert.equal((await minbil.signIn(server, { ...person, email })).status, 200)
    const last = await confirm('name', { name: 'email', value: '' })
    assert.equal(last.status, 409)
    const wrong = await confirm('name', { name: 'phone', value: '123' })
    assert.equal(wrong.status, 422)
    assert.match(wrong.text, /must be a phone number/)

    const trail = await trailOf(id)
    assert.deepEqual(
      trail.map(({ event, note }) => [event, note]),
      ['account.disabled', 'account.enabled', 'email.changed'].map((event) => [event, 'Asked for by phone']),
    )
    assert.ok(trail.every(({ actor }) => /^operator:/.test(String(actor))))
  })

  it('have links sent to their owners, and their sessions ended', async () => {
    const person = await register(server)
    const id = await idOf(person.email)
    const { refresh } = minbil.tokensOf(await minbil.signIn(server, person))
    const page = await open(`${base}/${id}`)
    await owner.browser.submit(page, {}, `${base}/${id}/send-reset`)
    assert.match((await server.mail(person.email, /password/i)).text, /\/ui\/reset-password\?token=/)
    const ended = await owner.browser.submit(page, {}, `${base}/${id}/end-sessions`)
    assert.match(ended.text, /Every session has ended\./)
    assert.equal((await minbil.refresh(server, refresh)).status, 401)
    const again = await owner.browser.post(`${base}/${id}/send-verification`, { form: formKey(ended.text) })
    assert.equal(again.status, 409)
    assert.match(again.text, /There is no e-mail address to confirm\./)
    assert.deepEqual(
      (await trailOf(id)).map(({ event }) => event),
      ['password.reset_requested', 'session.ended'],
    )
  })

  it('are opened without a password, exported as a file, and deleted by whoever types their name', async () => {
    const email = freshEmail()
    const form = await open(`${base}/new`)
    const none = await owner.browser.submit(form, { reason: 'New' }, `${base}/new`)
    assert.match(none.text, /Give an e-mail address or a phone number/)
    const opened = await owner.browser.submit(form, { email, isProven: 'on', reason: 'New' }, `${base}/new`)
    assert.match(opened.text, /The account is created\./)
    const id = await idOf(email)
    const exportPage = await open(`${base}/${id}/export`)
    const file = await owner.browser.submit(exportPage, { reason: 'Article 15' }, `${base}/${id}/export`)
    assert.equal(file.headers.get('content-disposition'), `attachment; filename="account-${id}.json"`)
    const { audit, account } = JSON.parse(file.text)
    assert.equal(account.email, email)
    // From where the operator works is nobody else's to know.
    assert.ok(audit.length > 0 && audit.every(({ ip }: { ip?: string }) => ip === undefined))

    const deletion = await open(`${base}/${id}/delete`)
    const typo = await owner.browser.submit(deletion, { name: 'x', reason: 'Asked' }, `${base}/${id}/delete`)
    assert.match(typo.text, /That is not what this account is called\./)
    const gone = await owner.browser.submit(
      deletion,
      { name: email, reason: 'Asked' },
      `${base}/${id}/delete`,
    )
    assert.match(gone.text, /The account is deleted\./)
    assert.equal(await idOf(email), 'undefined')
  })

  it('have no buttons for whoever may only look, and refuse what such a one sends', async () => {
    const auditor = await operatorOf(server, 'auditor')
    const person = await register(server)
    const id = await idOf(person.email)
    const page = await auditor.browser.open(`${base}/${id}`)
    assert.doesNotMatch(page.text, /Disable…|Send reset link|Delete…|Export…/)
    for (const action of ['send-reset', 'end-sessions', 'disable', 'delete', 'export', 'name']) {
      const answer = await auditor.browser.post(`${base}/${id}/${action}`, {
        form: formKey(page.text),
        reason: 'x',
        name: 'email',
      })
      assert.equal(answer.status, 403, action)
    }
  })

  it('show each authenticator, and lose one with its reason while the others stay', async () => {
    const { email } = await register(server)
    const id = await idOf(email)
    const columns = 'realm, account_id, id, name, secret_sealed, sealed_under, created_at, confirmed_at'
    const values = (name: string) => `'main', '${id}', '${id}-${name}', '${name}', '', '', 1, 1`
    await execute(url(), `insert into totp (${columns}) values (${values('Phone')})`)
    await execute(url(), `insert into authenticators (${columns}) values (${values('<b>Tablet')})`)
    const shown = await open(`${base}/${id}`)
    assert.match(shown.text, /Phone <span[\s\S]*&lt;b&gt;Tablet <span/)
    const path = `${base}/${id}/authenticators/${encodeURIComponent(`${id}-<b>Tablet`)}/remove`
    const asked = await open(path)
    assert.match(asked.text, /Remove one authenticator[\s\S]*&lt;b&gt;Tablet · /)
    assert.equal((await open(path.replace('Tablet', 'Watch'))).status, 404)
    const without = await owner.browser.submit(asked, { reason: ' ' }, path)
    assert.equal(without.status, 422)
    const done = await owner.browser.submit(asked, { reason: 'ticket 12' }, path)
    assert.match(done.text, /The authenticator is removed/)
    assert.match(done.text, /Phone <span/)
    assert.ok(!done.text.includes('Tablet'))
    assert.equal((await owner.browser.submit(asked, { reason: 'again' }, path)).status, 404)
    const [{ event, detail } = {}] = await select(
      url(),
      `select event, detail from audit where account_id = '${id}' and actor is not null`,
    )
    assert.deepEqual([event, detail], ['second_factor.removed', 'ticket 12'])
  })
})

function hrefOf(html: string, rel: string): string | undefined {
  return new RegExp(`rel="${rel}" href="([^"]*)"`).exec(html)?.[1]?.replaceAll('&amp;', '&')
}

function formKey(html: string): string {
  return / name="form" value="([^"]+)"/.exec(html)?.[1] ?? ''
}
