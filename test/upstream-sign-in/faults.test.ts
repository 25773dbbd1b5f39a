import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { freshEmail } from '../harness/harness.ts'
import { plainBrowser } from '../pages/jar.ts'
import { freshStranger, type ToldProvider } from './told-provider.ts'
import {
  addressOf,
  assertAtAccount,
  goToProvider,
  providerForm,
  signInWithProvider,
  useProvider,
} from './with-provider.ts'

// What becomes of the requests to a provider is the same on every database.
describe('a provider that does not answer as it should', () => {
  const both = useProvider('sqlite')
  const { server, provider } = both
  const discovery = '/.well-known/openid-configuration'

  it('is asked for its discovery document and keys once', async () => {
    for (let count = 0; count < 3; count++) {
      const { page } = await signInWithProvider(both, freshStranger(freshEmail()))
      assert.match(page.text, /<h1>Create an account<\/h1>/)
    }
    assert.equal(provider.asked.get(discovery), 1)
    assert.equal(provider.asked.get('/jwks'), 1)
  })

  it('leads to a page that offers other ways: it fails, answers no JSON, or breaks off', async () => {
    const answers: ToldProvider['answer'][] = [
      (response) => void response.writeHead(500).end('SECRET trouble'),
      (response) => void response.writeHead(200).end('<html>SECRET'),
      (response) => void response.destroy(),
    ]
    for (const answer of answers) {
      const browser = plainBrowser(server)
      const address = await goToProvider(browser, await browser.open('/ui/account'))
      const back = provider.signIn(address, freshStranger(freshEmail()))
      provider.answer = answer
      const page = await browser.open(back)
      provider.answer = undefined
      assert.ok([401, 503].includes(page.status), page.text)
      assert.match(page.text, /Other cannot be reached right now|The sign-in with Other did not work/)
      assert.doesNotMatch(page.text, /SECRET/)
      providerForm(page)
    }
    assert.ok(!JSON.stringify(server.log).includes('SECRET'))
  })
})

describe('a provider that fails', () => {
  const both = useProvider('sqlite')
  const { server, provider } = both

  it('is left alone for a while when it fails again and again, and nobody is sent there then', async () => {
    const browser = plainBrowser(server)
    let page = await browser.open('/ui/account')
    for (let count = 0; count < 5; count++) {
      const back = provider.signIn(await goToProvider(browser, page), freshStranger(freshEmail()))
      provider.answer = (response) => void response.writeHead(502).end()
      page = await browser.open(back)
      provider.answer = undefined
      assert.equal(page.status, 503)
    }
    const before = provider.asked.get('/token')
    const refused = await browser.submit(page, {}, providerForm(page))
    assert.equal(refused.status, 503)
    assert.match(refused.text, /Other cannot be reached right now/)
    assert.equal(provider.asked.get('/token'), before)
  })
})

describe('a provider that hangs', () => {
  const both = useProvider('sqlite')
  const { server, provider } = both

  it('holds nobody up for longer than five seconds', async () => {
    const browser = plainBrowser(server)
    const address = await goToProvider(browser, await browser.open('/ui/account'))
    const back = provider.signIn(address, freshStranger(freshEmail()))
    provider.answer = () => {}
    const begun = performance.now()
    const page = await browser.open(back)
    provider.answer = undefined
    assert.equal(page.status, 503)
    assert.match(page.text, /Other cannot be reached right now/)
    assert.ok(performance.now() - begun < 8_000)
  })
})

describe('a provider that is not there when the server starts', () => {
  const both = useProvider('sqlite')
  const { server, provider } = both

  it('is asked again by the next who signs in with it', async () => {
    provider.answer = (response) => void response.writeHead(503).end()
    const browser = plainBrowser(server)
    const page = await browser.open('/ui/account')
    const refused = await browser.submit(page, {}, providerForm(page))
    assert.equal(refused.status, 503)
    assert.match(refused.text, /Other cannot be reached right now/)
    provider.answer = undefined
    const address = await goToProvider(browser, refused)
    const signUp = await browser.open(provider.signIn(address, freshStranger(freshEmail())))
    assertAtAccount(await browser.submit(signUp, {}))
  })
})

describe('a provider that names other places', () => {
  const both = useProvider('sqlite')
  const { server, provider } = both

  it('leads to no place but its own and public ones, whatever its discovery document says', async () => {
    // A name that leads to an address of a private network is checked where the connection is made.
    for (const token_endpoint of [
      'https://10.0.0.1/token',
      'http://169.254.169.254/latest',
      'file:///etc/passwd',
    ]) {
      provider.metadata.token_endpoint = token_endpoint
      await server.restart()
      const browser = plainBrowser(server)
      const page = await browser.open('/ui/account')
      const begun = await browser.submit(page, {}, providerForm(page))
      const answer =
        begun.status === 200
          ? await browser.open(provider.signIn(addressOf(begun), freshStranger(freshEmail())))
          : begun
      assert.ok([401, 503].includes(answer.status), answer.text)
      providerForm(answer)
    }
  })
})
