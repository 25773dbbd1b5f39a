import assert from 'node:assert/strict'
import { it } from 'node:test'
import { registerAndSignIn, whoAmI } from '../dialects/wolfpal/door.ts'
import { execute, select } from '../harness/database.ts'
import { onEveryEngine, useServer } from '../harness/harness.ts'
import { operatorOf, signInOperator } from './operator.ts'

const path = '/admin/realms/main/keys'
const dayMs = 24 * 60 * 60_000

onEveryEngine('the pages of keys and realms', (engine) => {
  const server = useServer(engine, {
    yaml: JSON.stringify({ realms: { main: { openid: { enabled: false } } } }),
  })
  const trail = () =>
    select(
      server.env.DATABASE_URL ?? '',
      `select event, detail, note, actor from audit where realm = 'main' and event like 'keys.%' order by id`,
    )
  const forget = () => execute(server.env.DATABASE_URL ?? '', `delete from audit where realm = 'main'`)
  const kidsOf = async () => {
    const { body } = await server.request('GET', '/.well-known/jwks.json')
    return body.keys.map(({ kid }: { kid: string }) => kid)
  }

  it('rotates once the next key has been published for a day, and says from when on', async () => {
    const { browser, key } = await operatorOf(server)
    const early = await browser.open(path)
    assert.match(early.text, /The next key can sign from:/)
    assert.doesNotMatch(early.text, /action="[^"]*\/rotate"/)
    await forget()
    const form = / name="form" value="([^"]+)"/.exec(early.text)?.[1] ?? ''
    const refused = await browser.post(`${path}/rotate`, { form })
    assert.equal(refused.status, 409)
    assert.match(refused.text, /published for less than a day/)
    assert.deepEqual(await trail(), [])

    server.clock.advance(dayMs + 60_000)
    const again = await signInOperator(server, key)
    const page = await again.open(path)
    const before = await kidsOf()
    const rotated = await again.submit(page, {}, `${path}/rotate`)
    assert.match(rotated.text, /The next keys sign from now on/)
    assert.match(rotated.text, /Previous/)
    const [row, ...more] = await trail()
    assert.deepEqual(more, [])
    assert.equal(row?.event, 'keys.rotated')
    assert.ok(before.includes(row?.detail), 'it was published before it signs')
  })

  it('replaces all keys for a reason, after which no access token is good', async () => {
    const { browser } = await operatorOf(server)
    const { access } = await registerAndSignIn(server)
    assert.equal((await whoAmI(server, access)).status, 200)
    const before = await kidsOf()
    await forget()
    const confirm = await browser.open(`${path}/replace`)
    assert.match(confirm.text, /All access tokens and ID tokens of this realm die/)
    assert.match(
      (await browser.submit(confirm, { reason: 'a laptop was stolen' }, `${path}/replace`)).text,
      /All keys are replaced/,
    )
    const after = await kidsOf()
    assert.deepEqual(
      after.filter((kid: string) => before.includes(kid)),
      [],
    )
    assert.equal((await whoAmI(server, access)).status, 401)
    const [row, ...more] = await trail()
    assert.deepEqual(more, [])
    assert.deepEqual([row?.event, row?.note], ['keys.replaced', 'a laptop was stolen'])
  })

  it('counts what rests on each master key', async () => {
    const { browser } = await operatorOf(server)
    const page = await browser.open('/admin/master-keys')
    assert.equal(page.status, 200, page.text)
    assert.match(page.text, /In use/)
    const { browser: held } = await operatorOf(server, 'auditor', { realms: ['main'] })
    assert.doesNotMatch((await held.open(path)).text, /master-keys/)
    assert.equal((await held.open('/admin/master-keys')).status, 403)
  })

  it('shows support no button for keys, and does nothing for them', async () => {
    const { browser } = await operatorOf(server, 'support')
    const page = await browser.open(path)
    assert.equal(page.status, 200)
    assert.doesNotMatch(page.text, /\/rotate"|\/replace"/)
    assert.equal((await browser.open(`${path}/replace`)).status, 403)
    const form = / name="form" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    assert.equal((await browser.post(`${path}/rotate`, { form })).status, 403)
  })

  it('shows where a realm is reached, through what, and who has come today', async () => {
    const { browser } = await operatorOf(server, 'auditor', { realms: ['main'] })
    await forget()
    await registerAndSignIn(server)
    const page = await browser.open('/admin/realms')
    assert.equal(page.status, 200, page.text)
    assert.match(page.text, /<h2 id="realm-1">main<\/h2>/)
    assert.match(page.text, /http:\/\/localhost:5000/)
    assert.match(page.text, /wolfpal[\s\S]*\/api/)
    assert.match(page.text, /New accounts today \(UTC\)<\/dt><dd>1</)
    assert.match(page.text, new RegExp(`${path}">`))
  })
})
