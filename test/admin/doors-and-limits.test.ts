import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { jsonOf } from '../harness/command.ts'
import { select } from '../harness/database.ts'
import { freshEmail, useServer } from '../harness/harness.ts'
import { assertStatus, freshAddress, signIn, signUp } from '../limits/callers.ts'
import { operatorOf } from './operator.ts'

const minute = 60_000
const limitsPath = '/admin/realms/main/limits'
const wrong = 'a wrong password'
/** The console is for this machine alone in development, so that the proxy names those who are elsewhere. */
const settings = {
  limits: 'real',
  env: { MANYDOORS_TRUSTED_PROXIES: '127.0.0.1' },
  yaml: 'limits: { sign-in-account-at-address: { points: 3, per: 15m }, sms-address: off }',
} as const

describe('the page of doors', () => {
  const server = useServer('sqlite', settings)

  it('says that nobody has asked, and then what was asked, why it was refused, and by whom', async () => {
    const { browser } = await operatorOf(server, 'auditor')
    const quiet = await browser.open('/admin/realms/main/doors')
    assert.equal(quiet.status, 200, quiet.text)
    assert.match(cardOf(quiet.text, 'vastly'), /No request in the last hour\./)

    const [address, email] = [freshAddress(), freshEmail()]
    server.clock.advance(minute - (server.clock.now() % minute))
    for (let count = 0; count < 3; count++)
      assertStatus(401, await signIn(server, address, { email, password: wrong }))
    server.clock.advance(minute + 20_000)
    await server.maintain()
    const { text } = await browser.open('/admin/realms/main/doors')
    const card = cardOf(text, 'minbil')
    assert.match(card, /<code>credentials_invalid<\/code><\/th><td[^>]*>3</)
    assert.match(card, /aria-label="Refusals: 3 a minute in the newest minute, at most 3"/)
    assert.match(card, new RegExp(`sign_in</code> credentials[\\s\\S]*${address}`))
    assert.match(card, /href="\/admin\/realms\/main\/audit\?door=minbil&amp;outcome=refused"/)
    assert.match(cardOf(text, 'vastly'), /No request in the last hour\./)
    assert.doesNotMatch(text, new RegExp(email))
  })
})

describe('the page of limits', () => {
  const server = useServer('sqlite', settings)

  it('shows each rule as it is set, and why it is there', async () => {
    const { browser } = await operatorOf(server, 'auditor')
    const { text } = await browser.open(limitsPath)
    assert.match(
      text,
      /sign-in-account-at-address<\/code>[\s\S]*?3 in 15 minutes<\/span> <span class="badge">Set/,
    )
    assert.match(text, /sms-address<\/code>[\s\S]*?<span class="badge warn">Off/)
    assert.match(text, /Wrong passwords for one account, tried from one place\./)
    assert.match(text, /Nobody was refused in the last hour\./)
    assert.match(text, /No address is blocked\./)
  })

  it('looks up what is typed, and clears it', async () => {
    const { browser } = await operatorOf(server, 'support')
    const [person, address] = [await signUp(server), freshAddress()]
    for (let count = 0; count < 3; count++)
      assertStatus(401, await signIn(server, address, { ...person, password: wrong }))
    const found = await browser.open(`${limitsPath}?of=${encodeURIComponent(person.email)}`)
    assert.match(
      found.text,
      /sign-in-account-at-address<\/code>[\s\S]*?3 \/ 3 <span class="badge warn">Used up/,
    )
    assert.match(found.text, /href="\/admin\/realms\/main\/accounts\//)
    const done = await browser.submit(found, {}, `${limitsPath}/clear`)
    assert.match(done.text, /The counts of .* are cleared\./)
    assertStatus(200, await signIn(server, address, person))
    assert.match(
      (await browser.open(`${limitsPath}?of=${encodeURIComponent(freshEmail())}`)).text,
      /Nothing is counted for/,
    )
    const [event, ...more] = await jsonOf(server, [
      'audit',
      '--account',
      person.email,
      '--event',
      'limits.cleared',
    ])
    assert.match(event?.actor, /^operator:/)
    assert.deepEqual(more, [])
    // Whom strangers were refused for is found by their address.
    const lately = await browser.open(limitsPath)
    assert.match(lately.text, new RegExp(`<a href="${limitsPath}\\?of=${address}">`))
  })

  it('blocks an address with a reason, and opens it again', async () => {
    const { browser } = await operatorOf(server, 'support')
    const nobody = { email: freshEmail(), password: wrong }
    const page = await browser.open(limitsPath)
    const fields = { range: '203.0.113.7/24', hours: '2', reason: 'tries passwords' }
    const blocked = await browser.submit(page, fields, `${limitsPath}/blocks`)
    assert.match(blocked.text, /203\.0\.113\.0\/24 is blocked\./)
    assert.match(blocked.text, /tries passwords<\/td>[\s\S]*?Ada \d+, <time/)
    assert.equal((await signIn(server, '203.0.113.9', nobody)).status, 429)
    const open = await browser.submit(blocked, {}, `${limitsPath}/blocks/remove`)
    assert.match(open.text, /203\.0\.113\.0\/24 is not blocked any more\./)
    assert.equal((await signIn(server, '203.0.113.9', nobody)).status, 401)
    const rows = await select(
      server.env.DATABASE_URL ?? '',
      `select event, detail, note from audit where event like 'block.%' order by id`,
    )
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [
        { event: 'block.added', detail: '203.0.113.0/24', note: 'tries passwords' },
        { event: 'block.removed', detail: '203.0.113.0/24', note: null },
      ],
    )
  })

  it('blocks neither the own address nor, but for owners, what is wide; and says what is wrong', async () => {
    const { browser } = await operatorOf(server, 'support')
    const block = async (range: string, more = {}) => {
      const page = await browser.open(limitsPath)
      const fields = { range, hours: '1', reason: 'why', ...more }
      return (await browser.submit(page, fields, `${limitsPath}/blocks`)).text
    }
    assert.match(await block('127.0.0.1'), /You are at this address yourself\./)
    assert.match(await block('198.18.0.0/16'), /blocked by owners alone/)
    assert.match(await block('nonsense'), /neither an IP address nor a range/)
    assert.match(await block('203.0.113.1', { hours: '721' }), /from 1 to 720/)
    assert.match(await block('203.0.113.1', { reason: ' ' }), /1 to 200 characters/)
    const kept = await block('203.0.113.1', { hours: '0' })
    assert.match(kept, /value="203\.0\.113\.1"/)
    assert.match((await browser.open(limitsPath)).text, /No address is blocked\./)

    const owner = await operatorOf(server, 'owner')
    const page = await owner.browser.open(limitsPath)
    const wide = { range: '192.0.0.0/16', hours: '1', reason: 'why' }
    assert.match(
      (await owner.browser.submit(page, wide, `${limitsPath}/blocks`)).text,
      /192\.0\.0\.0\/16 is blocked/,
    )
  })

  it('shows an auditor no button, and refuses what they send', async () => {
    const { browser } = await operatorOf(server, 'auditor')
    const [email] = [freshEmail()]
    assertStatus(401, await signIn(server, freshAddress(), { email, password: wrong }))
    const page = await browser.open(`${limitsPath}?of=${encodeURIComponent(email)}`)
    assert.match(page.text, /sign-in-account<\/code>/)
    assert.doesNotMatch(page.text, /limits\/clear|limits\/blocks/)
    const form = /name="form" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    for (const [path, fields] of [
      ['clear', { of: email }],
      ['blocks', { range: '203.0.113.1', hours: '1', reason: 'why' }],
      ['blocks/remove', { range: '203.0.113.1' }],
    ] as const)
      assert.equal((await browser.post(`${limitsPath}/${path}`, { form, ...fields })).status, 403, path)
  })

  it('is in bokmål for who reads that', async () => {
    const { browser } = await operatorOf(server)
    const page = await browser.open(limitsPath)
    const { text } = await browser.submit(page, { language: 'nb' }, '/admin/language')
    assert.match(text, /Slå opp/)
    assert.match(text, /3 på 15 minutter/)
  })
})

/** What the page says of one door. */
function cardOf(html: string, door: string): string {
  const cards = html.split('<section class="card"').slice(1)
  return cards.find((card) => card.includes(`>${door}</h2>`)) ?? assert.fail(`no card of ${door}`)
}
