import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { select } from '../harness/database.ts'
import { eventually } from '../harness/events.ts'
import { useServer } from '../harness/harness.ts'
import { assertSigned, type Receiver, startReceiver, toldTimes } from '../webhooks/receiver.ts'
import { operatorOf, type TestOperator } from './operator.ts'

const reason = 'As the shop wants it'

describe('webhooks in the console', () => {
  const server = useServer('sqlite')
  const path = '/admin/realms/main/webhooks'
  let owner: TestOperator
  let app: Receiver
  before(async () => {
    owner = await operatorOf(server)
    app = await startReceiver()
  })
  after(() => app?.close())

  const added = async () => {
    const form = await owner.browser.open(`${path}/new`)
    return owner.browser.submit(
      form,
      { url: app.url, types: 'session.* webhook.test', reason },
      `${path}/new`,
    )
  }
  const newest = async () => {
    const [row] = await select(server.env.DATABASE_URL ?? '', 'select id from webhooks order by id desc')
    return `${path}/${row?.id}`
  }
  const pageOf = async (place: string) => {
    const page = await owner.browser.open(place)
    assert.equal(page.status, 200, page.text)
    return page
  }

  it('says that there is none, and what is wrong with one that is wanted', async () => {
    assert.match((await pageOf(path)).text, /No endpoint is told what happens here/)
    const form = await owner.browser.open(`${path}/new`)
    for (const [url, types, sentence] of [
      ['ftp://app.example.com', '*', /It must be an https:\/\/ address/],
      ['https://app.example.com', 'weather.changed', /There is no such type of event/],
    ] as const) {
      const again = await owner.browser.submit(form, { url, types, reason }, `${path}/new`)
      assert.equal(again.status, 422)
      assert.match(again.text, sentence)
      assert.match(again.text, /aria-invalid="true"/)
      assert.ok(again.text.includes(`value="${url}"`), 'what was typed is gone')
    }
  })

  it('shows the secret once, sends a test, and says what was answered', async () => {
    app.reply = () => ({ status: 418, body: '<b>teapot</b>' })
    const page = await added()
    const [, secret = ''] = /value="(whsec_[^"]+)"/.exec(page.text) ?? []
    const place = await newest()
    const empty = await pageOf(place)
    assert.match(empty.text, /No delivery yet/)
    assert.ok(!empty.text.includes(secret))
    const tested = await owner.browser.submit(empty, {}, `${place}/test`)
    assert.match(tested.text, /The test is on its way/)
    const [told = assert.fail()] = await toldTimes(app, 1)
    assertSigned(told, secret, 'machine')
    const shown = await eventually('the answer on the page', async () => {
      const page = await pageOf(`${place}/deliveries/${told.id}`)
      return page.text.includes('418') ? page : undefined
    })
    assert.ok(shown.text.includes('&lt;b&gt;teapot&lt;/b&gt;'))
    assert.match(shown.text, /Waiting/)
    assert.match((await pageOf(path)).text, /Failing/)
    app.reply = () => ({ status: 200 })
    const resent = await owner.browser.submit(shown, {}, `${place}/deliveries/${told.id}/resend`)
    assert.match(resent.text, /The delivery is sent again/)
    const [, again] = await toldTimes(app, 2)
    assert.equal(again?.id, told.id)
    assert.match((await pageOf(`${place}?state=failed`)).text, /No delivery is in this state/)
  })

  it('pauses, resumes, changes and removes one, and a new secret is shown once', async () => {
    await added()
    const place = await newest()
    const working = await pageOf(place)
    const paused = await owner.browser.submit(working, {}, `${place}/pause`)
    assert.match(paused.text, /is paused: what it is to be told waits/)
    const twice = await owner.browser.submit(working, {}, `${place}/pause`)
    assert.equal(twice.status, 409)
    const resumed = await owner.browser.submit(paused, {}, `${place}/resume`)
    assert.match(resumed.text, /is told again/)

    const form = await pageOf(`${place}/edit`)
    const changed = await owner.browser.submit(form, { url: app.url, types: '*', reason }, `${place}/edit`)
    assert.match(changed.text, /The webhook is changed/)
    const asked = await pageOf(`${place}/secret`)
    const made = await owner.browser.submit(asked, { reason }, `${place}/secret`)
    assert.match(made.text, /value="whsec_[^"]+"/)
    const removed = await owner.browser.submit(await pageOf(`${place}/remove`), { reason }, `${place}/remove`)
    assert.match(removed.text, /The webhook is removed/)
    assert.equal((await owner.browser.open(place)).status, 404)
    const audit = await select(
      server.env.DATABASE_URL ?? '',
      `select note from audit where event = 'webhook.removed'`,
    )
    assert.deepEqual(
      audit.map(({ note }) => note),
      [reason],
    )
  })

  it('shows an auditor everything and no button, and lets support send again and no more', async () => {
    await added()
    const place = await newest()
    const auditor = await operatorOf(server, 'auditor')
    const seen = await auditor.browser.open(place)
    assert.equal(seen.status, 200)
    assert.ok(!/action="[^"]*\/(test|pause|resend-failed)"/.test(seen.text))
    const support = await operatorOf(server, 'support')
    const shown = await support.browser.open(place)
    assert.ok(shown.text.includes(`${place}/test`))
    assert.ok(!shown.text.includes(`${place}/pause`))
  })
})
