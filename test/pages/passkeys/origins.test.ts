import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { register } from '../../dialects/pm2/door.ts'
import { useServer } from '../../harness/harness.ts'
import { atHost } from '../../realms/at-host.ts'
import { withAuthenticator, withoutAutofill } from '../authenticator.ts'
import { launchBrowser, noBrowser } from '../browser.ts'
import { submit } from '../ways/ways.ts'
import { startTlsProxy, type TlsProxy } from './tls.ts'

const hosts = [
  'auth.example.test',
  'app.example.test',
  'example.test',
  'login.elsewhere.test',
  'foreign.test',
]

describe('a passkey at several hosts', { skip: noBrowser }, () => {
  const server = useServer('sqlite', {
    env: { MANYDOORS_PUBLIC_URL: 'https://auth.example.test', MANYDOORS_TRUSTED_PROXIES: '127.0.0.1' },
    yaml: `
realms:
  main:
    passkeys:
      rpId: example.test
      origins: [https://app.example.test, https://login.elsewhere.test]
`,
  })
  let proxy: TlsProxy
  let browser: Browser
  before(async () => {
    proxy = await startTlsProxy(server.url, hosts)
    browser = await launchBrowser([
      `--host-resolver-rules=${hosts.map((host) => `MAP ${host}:443 127.0.0.1:${proxy.port}`).join(', ')}`,
      `--ignore-certificate-errors-spki-list=${proxy.spki}`,
    ])
  })
  after(async () => {
    await browser?.close()
    await proxy?.close()
  })

  const use = async (page: Page, host: string) => {
    await page.context().clearCookies()
    await page.goto(`https://${host}/ui/account`)
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  }

  it('is good at each host of its domain, at related ones, and nowhere else', async () => {
    const page = await browser.newPage()
    page.setDefaultTimeout(10_000)
    await withoutAutofill(page)
    await withAuthenticator(page)
    const person = await register(atHost(server, 'auth.example.test'))
    await page.goto('https://auth.example.test/ui/account')
    await submit(page, { identifier: person.username, password: person.password })
    await page.goto('https://auth.example.test/ui/account/passkeys/new')
    await page.getByRole('button', { name: 'Make a passkey' }).click()
    await page.getByText('Passkey added').waitFor()
    for (const host of ['auth.example.test', 'app.example.test', 'login.elsewhere.test']) {
      await use(page, host)
      await page.getByText(person.email).first().waitFor()
      assert.equal(new URL(page.url()).host, host)
    }
    await use(page, 'foreign.test')
    await page.getByText('No passkey was used').waitFor()
  })
})
