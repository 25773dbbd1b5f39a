import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { select } from '../harness/database.ts'
import { type TestServer, useServer } from '../harness/harness.ts'
import { operatorOf } from './operator.ts'

const yaml = `
smtp: { url: 'smtp://ada:hunter2@mail.example.com', from: a@example.com }
realms:
  main:
    brand: { helpUrl: https://help.example.com }
    dialects: { minbil: {} }
`

const changes = (server: TestServer) =>
  select(
    server.env.DATABASE_URL ?? '',
    `select realm, detail, actor, note from audit where event = 'settings.changed' order by id`,
  )

describe('the settings in the console', () => {
  const server = useServer('sqlite', { yaml })
  const ofRealm = '/admin/realms/main/settings'

  it('are what is in force with where it comes from, and no secret', async () => {
    const { browser } = await operatorOf(server, 'auditor')
    const page = await browser.open('/admin/settings')
    assert.equal(page.status, 200, page.text)
    assert.match(page.text, /realms\.main\.brand\.helpUrl[\s\S]*?https:\/\/help\.example\.com<[\s\S]*?:5</)
    assert.match(page.text, /smtp\.url[\s\S]*?>Set</)
    assert.doesNotMatch(page.text, /hunter2/)
    assert.doesNotMatch(page.text, /hashing\.passes/)
    const all = await browser.open('/admin/settings?q=hashing&show=all')
    assert.match(all.text, /hashing\.passes[\s\S]*?>2</)
    assert.doesNotMatch(all.text, /smtp\.url/)
    const none = await browser.open('/admin/settings?q=%3Cb%3E')
    assert.match(none.text, /No such setting has “&lt;b&gt;” in its name\./)
    const many = await browser.open('/admin/settings?show=all')
    const [, next = ''] = /<a class="button secondary" rel="next" href="([^"]+)"/.exec(many.text) ?? []
    const second = await browser.open(next.replaceAll('&amp;', '&'))
    assert.equal(second.status, 200)
    assert.doesNotMatch(second.text, /hashing\.passes/)
    assert.match(second.text, /traces\.OTEL_SERVICE_NAME/)
  })

  it('are changed by an owner, with a reason, in force at once, and given back to the file', async () => {
    const { browser } = await operatorOf(server, 'owner')
    const setting = `${ofRealm}/brand.accent`
    const form = await browser.open(setting)
    const refused = await browser.submit(form, { value: '#ffee00', reason: 'The new look' }, setting)
    assert.equal(refused.status, 422)
    assert.match(refused.text, /It cannot be read: its contrast with [^<]* must be at least 4\.5\./)
    assert.match(refused.text, / value="#ffee00"/)
    const done = await browser.submit(refused, { value: '#0b6438', reason: 'The new look' }, setting)
    assert.match(done.text, /brand\.accent is set\./)
    assert.match(done.text, /#0b6438/)
    const name = `${ofRealm}/brand.name`
    await browser.submit(await browser.open(name), { value: 'Ørsta', reason: 'Renamed' }, name)
    const shown = await server.request('GET', '/ui/signed-out')
    assert.match(shown.text, /<span>Ørsta<\/span>/)
    assert.match(shown.text, /accents-0b6438/)
    const list = await browser.open('/admin/settings?q=brand')
    assert.match(list.text, /realms\.main\.brand\.name<\/a>[\s\S]*?Ørsta[\s\S]*?Set here/)

    const reset = `${name}/reset`
    const back = await browser.submit(await browser.open(reset), { reason: 'No more' }, reset)
    assert.match(back.text, /as in the settings file again/)
    assert.doesNotMatch((await server.request('GET', '/ui/signed-out')).text, /Ørsta/)
    const rows = (await changes(server)).map(({ realm, detail, note }) => [realm, detail, note])
    assert.deepEqual(rows, [
      ['main', 'set brand.accent', 'The new look'],
      ['main', 'set brand.name', 'Renamed'],
      ['main', 'reset brand.name', 'No more'],
    ])
  })

  it('of the whole server are in the trail of the operators', async () => {
    const { browser } = await operatorOf(server, 'owner')
    const form = await browser.open('/admin/settings/retention.audit')
    const done = await browser.submit(
      form,
      { value: '500d', reason: 'The law' },
      '/admin/settings/retention.audit',
    )
    assert.match(done.text, /retention\.audit is set\./)
    const last = (await changes(server)).at(-1)
    assert.deepEqual([last?.realm, last?.detail, last?.note], ['operators', 'set retention.audit', 'The law'])
    assert.match(String(last?.actor), /^operator:/)
  })

  it('that the file sets say so, and are not changed here', async () => {
    const { browser } = await operatorOf(server, 'owner')
    const before = (await changes(server)).length
    const page = await browser.open(`${ofRealm}/brand.helpUrl`)
    assert.match(page.text, /Set by [^<]*:5\. https:\/\/help\.example\.com/)
    const form = await browser.open(`${ofRealm}/brand.name`)
    const fields = { value: 'https://other.example.com', reason: 'x', form: keyIn(form.text) }
    const refused = await browser.post(`${ofRealm}/brand.helpUrl`, fields)
    assert.equal(refused.status, 409)
    assert.match(refused.text, /Set by /)
    assert.equal((await browser.post(`${ofRealm}/publicUrl`, fields)).status, 404)
    assert.equal((await changes(server)).length, before)
  })

  it('are looked at and not changed by the other roles', async () => {
    for (const role of ['support', 'auditor'] as const) {
      const { browser } = await operatorOf(server, role)
      const page = await browser.open(ofRealm)
      assert.equal(page.status, 200)
      assert.doesNotMatch(page.text, /brand\.name"|>Change</)
      assert.equal((await browser.open(`${ofRealm}/brand.name`)).status, 403)
      assert.equal((await browser.open(`${ofRealm}/brand.name/reset`)).status, 403)
    }
  })
})

function keyIn(html: string): string {
  return / name="form" value="([^"]+)"/.exec(html)?.[1] ?? ''
}
