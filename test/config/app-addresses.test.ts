import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertRefused, jsonOf } from '../harness/command.ts'
import { useServer } from '../harness/harness.ts'
import { settingsIn, useFolder } from './settings-file.ts'

const origins = [
  'https://app.example.com',
  'http://localhost:3000',
  'capacitor://localhost',
  'ionic://localhost',
  'tauri://localhost',
  'http://tauri.localhost',
  'app://obsidian.md',
  'app://.',
  'capacitor://localhost:8100',
  'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
  'moz-extension://0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b',
]
const noOrigins = [
  'null',
  '*',
  'file://',
  'file://localhost',
  'data://x',
  'javascript://x',
  'blob://x',
  'about://blank',
  'vbscript://x',
  'ws://localhost',
  'wss://app.example.com',
  'ftp://app.example.com',
  'filesystem://x',
  'capacitor:localhost',
  'capacitor://',
  'capacitor://localhost/',
  'capacitor://localhost/path',
  'capacitor://localhost?x',
  'capacitor://a@localhost',
  'capacitor://localhost:99999',
  'Capacitor://localhost',
  'capacitor://Localhost',
  'capacitor://*',
  'capacitor://*.localhost',
  'https://app.example.com:443',
  'https://app.example.com/',
  'https://*.example.com',
  'localhost',
]
const redirectUris = [
  'https://app.example.com/reset',
  'com.example.app:/oauth',
  'com.example.app://reset',
  'myapp://reset',
  'exp://192.168.1.5:8081/--/reset',
  'capacitor://localhost/reset',
]
const noRedirectUris = [
  'https:app.example.com',
  'https:///app.example.com',
  'https://*.example.com/reset',
  'myapp:/reset',
  'myapp:reset',
  'myapp://',
  'myapp:///reset',
  'myapp://reset?x=1',
  'myapp://reset#x',
  'myapp://me:secret@reset',
  'javascript:alert(1)',
  'javascript://x/%0aalert(1)',
  'JavaScript://x/',
  'data:text/html,x',
  'data://x/',
  'vbscript://x/',
  'blob:https://app.example.com/x',
  'about:blank',
  'file:///etc/passwd',
  'file://host/share',
  'ws://app.example.com/',
  'wss://app.example.com/',
  'ftp://app.example.com/',
  'intent://reset/',
  'null',
  '/path',
]

describe('the origins and redirects of a client', () => {
  const { read, problems } = settingsIn(useFolder())
  const yamlOf = (given: object) =>
    JSON.stringify({ realms: { main: { dialects: { pm2: { clients: [{ id: 'x', ...given }] } } } } })

  it('may be those of apps, whatever their scheme', async () => {
    const { realms } = await read(yamlOf({ origins, redirectUris }))
    const client = realms[0]?.clients.find(({ id }) => id === 'x')
    assert.deepEqual([client?.origins, client?.redirectUris], [origins, redirectUris])
  })

  it('are refused where no app can have them, and the rule is said', async () => {
    const found = await problems(yamlOf({ origins: noOrigins, redirectUris: noRedirectUris }))
    assert.equal(found.length, noOrigins.length + noRedirectUris.length)
    const saidOf = (list: string) => found.filter((problem) => problem.includes(`.${list}[`))
    assert.equal(saidOf('origins').length, noOrigins.length)
    for (const problem of saidOf('origins'))
      assert.match(problem, /such as capacitor:\/\/localhost: a scheme and/)
    for (const problem of saidOf('redirectUris'))
      assert.match(
        problem,
        /the scheme of an app has a dot \(com\.example\.app:\/path\) or a host \(myapp:\/\/path\)/,
      )
  })
})

describe('the origins and redirects of a client that a command adds', () => {
  const server = useServer('sqlite')

  it('may be those of apps, and no others', async () => {
    const options = ['--origin', 'capacitor://localhost', '--redirect-uri', 'myapp://reset']
    const [added] = await jsonOf(server, ['client', 'add', 'vastly', ...options])
    assert.deepEqual([added.origins, added.redirectUris], [['capacitor://localhost'], ['myapp://reset']])
    await assertRefused(
      server,
      ['client', 'add', 'vastly', '--origin', 'null'],
      /^--origin null must be an origin/,
    )
    const noHost = ['client', 'add', 'vastly', '--redirect-uri', 'myapp:/reset']
    await assertRefused(server, noHost, /^--redirect-uri myapp:\/reset must be an address .* has a dot/)
  })
})
