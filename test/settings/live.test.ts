import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { post } from '../dialects/minbil/door.ts'
import { authorizePath } from '../dialects/pm2/door.ts'
import * as wolfpal from '../dialects/wolfpal/door.ts'
import { jsonOf, runCommand } from '../harness/command.ts'
import { execute, select } from '../harness/database.ts'
import { freshEmail, onEveryEngine, startTestServer, type TestServer, useServer } from '../harness/harness.ts'
import { plainBrowser } from '../pages/jar.ts'

const yaml = `
retention: { sessions: 30d }
realms:
  main:
    brand: { helpUrl: https://help.example.com }
    dialects:
      minbil: {}
      pm2:
        clients:
          - { redirectUris: [https://app.example.com/back] }
          - { id: app, redirectUris: [https://app.example.com/back], brand: { name: The App } }
      wolfpal: {}
`

const changes = async (server: TestServer) => {
  const statement = `select outcome, detail, actor from audit where event = 'settings.changed' order by id`
  const rows = await select(server.env.DATABASE_URL ?? '', statement)
  return rows.map(({ outcome, detail, actor }) => ({ outcome, detail, actor }))
}

const set = async (server: TestServer, name: string, value: string) => {
  const { code, stderr } = await runCommand(server, ['settings', 'set', name, value])
  assert.equal(code, 0, stderr)
}

const refusalOf = async (server: TestServer, ...args: string[]) => {
  const { code, stderr } = await runCommand(server, ['settings', ...args])
  assert.equal(code, 1)
  return stderr.trim()
}

onEveryEngine('settings that are set while servers run', (engine) => {
  const server = useServer(engine, { yaml })

  it('hold at every node without a restart, and again after one, until they are reset', async () => {
    const other = await startTestServer(engine, { beside: server })
    const nameOn = async (node: TestServer) => {
      const { text } = await node.request('GET', '/ui/signed-out')
      const [, name] = /<\/span><span>([^<]*)<\/span>/.exec(text) ?? []
      return name
    }
    try {
      assert.equal(await nameOn(other), 'localhost')
      await set(server, 'brand.name', 'Ørsta & Co')
      for (const node of [server, other]) {
        await node.maintain()
        assert.equal(await nameOn(node), 'Ørsta &amp; Co')
      }
    } finally {
      await other.close()
    }
    await server.restart()
    assert.equal(await nameOn(server), 'Ørsta &amp; Co')
    assert.equal((await runCommand(server, ['settings', 'reset', 'brand.name'])).code, 0)
    await server.maintain()
    assert.equal(await nameOn(server), 'localhost')
    assert.deepEqual(await changes(server), [
      { outcome: 'success', detail: 'set brand.name', actor: 'cli' },
      { outcome: 'success', detail: 'reset brand.name', actor: 'cli' },
    ])
    assert.match(await refusalOf(server, 'reset', 'brand.name'), /^nobody has set brand\.name/)
    assert.equal((await changes(server)).length, 2)
  })
})

describe('what is set while a server runs', () => {
  const server = useServer('sqlite', { yaml })
  const signInPage = async (client?: string) => {
    const page = await plainBrowser(server).open(authorizePath(client))
    assert.equal(page.status, 200, page.text)
    return page.text
  }

  it('is the brand of pages, colours too, and of mails, but not what an app says of itself', async () => {
    await set(server, 'brand.name', 'Ørsta')
    await set(server, 'brand.accent', '#0B6438')
    await set(server, 'brand.termsUrl', 'https://example.com/terms')
    await server.maintain()
    const page = await signInPage()
    assert.match(page, /<span>Ørsta<\/span>/)
    assert.match(page, /https:\/\/example\.com\/terms/)
    assert.match(page, /https:\/\/help\.example\.com/)
    const [, path = ''] = /href="([^"]+\/accents-[^"]+)"/.exec(page) ?? []
    const accents = await server.request('GET', path)
    assert.equal(accents.status, 200)
    assert.match(accents.text, /--accent:light-dark\(#0b6438, #8fb0ff\)/)
    assert.equal((await server.request('GET', path.replace('0b6438', '0b6439'))).status, 404)
    const ofApp = await signInPage('app')
    assert.match(ofApp, /<span>The App<\/span>/)
    assert.match(ofApp, /accents-0b6438/)

    const { email } = await wolfpal.signUp(server)
    const mail = await server.mail(email, /./)
    assert.match(`${mail.subject} ${mail.text}`, /Ørsta/)
  })

  it('is whether people may sign up on pages', async () => {
    assert.match(await signInPage(), /New here\?/)
    await set(server, 'signUpPage', 'false')
    await server.maintain()
    assert.doesNotMatch(await signInPage(), /New here\?/)
    await set(server, 'signUpPage', 'true')
    await server.maintain()
    assert.match(await signInPage(), /New here\?/)
  })

  it('is how strict passwords must be at the doors', async () => {
    const signUp = () =>
      post(server, '/sign-up', { json: { email: freshEmail(), password: 'StrongPass123!' } })
    const before = await signUp()
    await set(server, 'strictPasswords', 'everywhere')
    await server.maintain()
    const strict = await signUp()
    assert.ok(before.status < 300 && strict.status >= 400, `${before.text} ${strict.text}`)
  })

  it('is how long things are kept', async () => {
    const url = server.env.DATABASE_URL ?? ''
    const rows = () => select(url, `select id from audit where event <> 'settings.changed'`)
    server.clock.advance(3 * 86_400_000)
    await server.maintain()
    assert.notDeepEqual(await rows(), [])
    await set(server, 'retention.audit', '1d')
    await server.maintain()
    await server.maintain()
    assert.deepEqual(await rows(), [])
  })

  it('is refused in the words of the settings file, and writes nothing then', async () => {
    const before = await changes(server)
    assert.match(
      await refusalOf(server, 'set', 'brand.accent', '#ffee00'),
      /^brand\.accent cannot be read: its contrast with .* and must be at least 4\.5$/,
    )
    assert.match(
      await refusalOf(server, 'set', 'retention.audit', '1h'),
      /^retention\.audit must be a time from/,
    )
    assert.match(
      await refusalOf(server, 'set', 'signUpPage', 'perhaps'),
      /^signUpPage must be true or false$/,
    )
    assert.match(
      await refusalOf(server, 'set', 'publicUrl', 'https://a.test'),
      /^publicUrl cannot be set here/,
    )
    assert.match(
      await refusalOf(server, 'set', 'brand.helpUrl', 'https://a.test'),
      /^brand\.helpUrl is set by .*:5, and cannot be set here$/,
    )
    assert.deepEqual(await changes(server), before)
  })

  it('is listed with who has set it', async () => {
    const [{ settings }] = await jsonOf(server, ['settings', 'list'])
    const of = (name: string) => settings.find((setting: { name: string }) => setting.name === name)
    assert.equal(of('brand.name').setHere.value, 'Ørsta')
    assert.equal(of('brand.name').setHere.actor, 'cli')
    assert.match(of('brand.helpUrl').setBy.source, /:5$/)
    assert.equal(of('retention.sessions').setBy.value, '30d')
    assert.equal(of('retention.tickets').default, '7d')
  })

  it('gives way to the file once that sets it, and to nothing where it cannot be read', async () => {
    const url = server.env.DATABASE_URL ?? ''
    await execute(url, `update settings set value = '"#ffee00"' where name = 'brand.accent'`)
    await server.restart()
    assert.doesNotMatch(await signInPage(), /accents-/)
    await server.restart(() => execute(url, 'alter table settings rename to lost'))
    assert.match(await signInPage(), /localhost|Plan/)
    await execute(url, 'alter table lost rename to settings')
    await server.maintain()
    assert.match(await signInPage(), /<span>Ørsta<\/span>/)
  })
})
