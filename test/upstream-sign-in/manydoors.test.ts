import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { rotateClientSecret } from '../../src/core/clients/admin.ts'
import { onEveryEngine, startTestServer, type TestServer } from '../harness/harness.ts'
import { withRealm } from '../harness/realm.ts'
import { appBrowser, authorize } from '../openid/browser.ts'
import { provenPerson } from '../pages/account/names.ts'
import { freePort } from '../pages/browser.ts'
import { plainBrowser } from '../pages/jar.ts'
import { clientId } from './told-provider.ts'
import { assertAtAccount, goToProvider, settingsWith } from './with-provider.ts'

const publicUrl = 'http://localhost:5999'

onEveryEngine('a sign-in with a second Manydoors', (engine) => {
  let server: TestServer
  let provider: TestServer & { issuer: string }
  before(async () => {
    const port = await freePort()
    const issuer = `http://localhost:${port}`
    const redirectUris = [`${publicUrl}/ui/with/other/callback`]
    const yaml = JSON.stringify({
      realms: { main: { openid: { clients: [{ id: clientId, redirectUris }] } } },
    })
    const env = { PORT: String(port), MANYDOORS_PUBLIC_URL: issuer }
    provider = Object.assign(await startTestServer(engine, { env, yaml }), { issuer })
    const secret = await withRealm(provider, (ctx) =>
      rotateClientSecret(ctx, { dialect: 'openid', id: clientId }),
    )
    assert.ok(secret)
    await provider.maintain()
    server = await startTestServer(engine, {
      env: { MANYDOORS_PUBLIC_URL: publicUrl },
      yaml: settingsWith(issuer, { secret }),
    })
  })
  after(async () => {
    await server?.close()
    await provider?.close()
  })

  it('opens an account by a proven address there, and signs in to it from then on', async () => {
    const { person } = await provenPerson(provider)
    const there = appBrowser(provider)
    const comeIn = async () => {
      const browser = plainBrowser(server)
      const address = await goToProvider(browser, await browser.open('/ui/account'))
      const { pathname, search } = await authorize(there, address, person)
      return { browser, page: await browser.open(`${pathname}${search}`) }
    }
    const { browser, page } = await comeIn()
    assert.match(page.text, /<h1>Create an account<\/h1>/)
    assert.ok(page.text.includes(person.email))
    assertAtAccount(await browser.submit(page, {}))
    assertAtAccount((await comeIn()).page)
  })
})
