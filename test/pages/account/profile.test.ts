import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as pm2 from '../../dialects/pm2/door.ts'
import { execute, select } from '../../harness/database.ts'
import { register } from '../../harness/doors.ts'
import { onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { signInAtAccount } from '../jar.ts'

const path = '/ui/account'

async function open(server: TestServer) {
  const person = await register(server)
  return {
    person,
    browser: await signInAtAccount(server, { username: person.email, password: person.password }),
  }
}

const accountOf = async (server: TestServer, { email }: { email: string }) =>
  (await select(server.env.DATABASE_URL ?? '', `select * from accounts where email = '${email}'`))[0] ??
  assert.fail('no account')

const profile = { name: '', firstName: '', lastName: '', language: 'en', timeZone: '' }

describe('the profile page', () => {
  const server = useServer('sqlite')

  it('shows the names that a door keeps, and changes them for every door', async () => {
    const { person, browser } = await open(server)
    const page = await browser.open(path)
    assert.match(page.text, /id="firstName"[^>]* value="Ada"/)
    const saved = await browser.submit(
      page,
      { ...profile, name: 'Ada King', firstName: 'Augusta' },
      `${path}/profile`,
    )
    assert.match(saved.text, /Your profile is saved\./)
    const signedIn = await server.request('POST', '/auth/signin', { json: person })
    const bearer = signedIn.body.data.access_token
    const own = await server.request('GET', '/users/profile', { bearer })
    assert.equal(own.body.data.firstName, 'Augusta')
    assert.equal(own.body.data.lastName, null)
    assert.deepEqual(JSON.parse(String((await accountOf(server, person)).profile)), {
      firstName: 'Augusta',
      name: 'Ada King',
    })
  })

  it('leaves alone what apps keep, and shows it', async () => {
    const { person, browser } = await open(server)
    const kept = JSON.stringify({ company: 'Example & Sons', roles: ['a'], firstName: 'Ada' })
    await execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set profile = '${kept}' where email = '${person.email}'`,
    )
    const page = await browser.open(path)
    assert.match(page.text, /<dt>company<\/dt><dd>Example &amp; Sons<\/dd>/)
    const typed = { ...profile, firstName: 'Ada', company: 'Mine', roles: 'admin' }
    await browser.submit(page, typed, `${path}/profile`)
    const { company, roles } = JSON.parse(String((await accountOf(server, person)).profile))
    assert.deepEqual([company, roles], ['Example & Sons', ['a']])
  })

  it('speaks the language and tells times in the zone that were chosen', async () => {
    const { person, browser } = await open(server)
    const typed = { ...profile, language: 'nb', timeZone: 'Europe/Oslo' }
    const saved = await browser.submit(await browser.open(path), typed, `${path}/profile`)
    assert.match(saved.text, /Profilen din er lagret\./)
    assert.match(saved.text, /<option value="nb" lang="nb" selected>/)
    assert.match(saved.text, /<option selected>Europe\/Oslo<\/option>/)
    const { language, time_zone } = await accountOf(server, person)
    assert.deepEqual([language, time_zone], ['nb', 'Europe/Oslo'])
    assert.match((await browser.open(`${path}/activity`)).text, /Klokkeslett er i Europe\/Oslo\./)
    assert.match(browser.cookies.get('__Host-manydoors-language') ?? '', /^nb$/)
  })

  it('refuses a name that cannot be one and a zone that there is not, and keeps what was typed', async () => {
    const { person, browser } = await open(server)
    const page = await browser.open(path)
    const before = await accountOf(server, person)
    const wrongs: [field: string, value: string][] = [
      ['name', 'x'.repeat(101)],
      ['firstName', 'a\u202eb'],
      ['lastName', '\u200b'],
      ['timeZone', 'Europe/Atlantis'],
    ]
    for (const [field, value] of wrongs) {
      const answer = await browser.submit(
        page,
        { ...profile, name: 'Kept', [field]: value },
        `${path}/profile`,
      )
      assert.equal(answer.status, 400, field)
      assert.match(answer.text, new RegExp(`id="${field}"[^>]*aria-invalid="true"`))
      if (field !== 'name') assert.match(answer.text, /id="name"[^>]* value="Kept"/)
    }
    assert.deepEqual(await accountOf(server, person), before)
  })

  it('writes into the trail what was changed, and nothing where nothing was', async () => {
    const { person, browser } = await open(server)
    const page = await browser.open(path)
    const trail = async () => {
      const { id } = await accountOf(server, person)
      const statement = `select detail from audit where account_id = '${id}' and event = 'profile.changed' order by id`
      return (await select(server.env.DATABASE_URL ?? '', statement)).map(({ detail }) => detail)
    }
    const typed = { ...profile, firstName: 'Ada', lastName: 'Example', name: 'Secret Name' }
    await browser.submit(page, typed, `${path}/profile`)
    await browser.submit(page, typed, `${path}/profile`)
    assert.deepEqual(await trail(), ['name language'])
  })
})

describe('a change of the user name', () => {
  const server = useServer('sqlite', { limits: 'real' })
  const username = `${path}/username`

  it('is told to the owner, and the new name signs in', async () => {
    const person = await pm2.register(server)
    const browser = await signInAtAccount(server, person)
    const wanted = 'Ada the second'
    const done = await browser.submit(await browser.open(username), { username: wanted }, username)
    assert.match(done.text, /Your user name is changed\./)
    const mail = await server.mail(person.email, /^Your user name at .* was changed$/)
    assert.ok(mail.text?.includes(wanted), mail.text)
    await signInAtAccount(server, { ...person, username: wanted })
    const page = await browser.open(`${path}/activity`)
    assert.match(page.text, /User name changed/)
  })

  it('wants a proof of the last ten minutes, and comes back to its page', async () => {
    const person = await pm2.register(server)
    const browser = await signInAtAccount(server, person)
    const page = await browser.open(username)
    server.clock.advance(11 * 60_000)
    const asked = await browser.submit(page, { username: 'someone-else-2' }, username)
    assert.match(asked.text, /<h1>Show that it is you<\/h1>/)
    const back = await browser.submit(asked, { password: person.password }, `${path}/prove`)
    assert.match(back.text, /<h1>Change your user name<\/h1>/)
    const [row] = await select(
      server.env.DATABASE_URL ?? '',
      `select username from accounts where email = '${person.email}'`,
    )
    assert.equal(row?.username, person.username)
  })

  it('is refused for a name that cannot be one, or is taken, and that is counted', async () => {
    const other = await pm2.register(server)
    const person = await pm2.register(server)
    const browser = await signInAtAccount(server, person)
    const page = await browser.open(username)
    for (const wrong of ['', 'a', 'ada@example.com', '+4791234567', 'a\u200bb\u0000', 'x'.repeat(51)]) {
      const answer = await browser.submit(page, { username: wrong }, username)
      assert.equal(answer.status, 400, JSON.stringify(wrong))
      assert.match(answer.text, /This cannot be a user name\./)
    }
    const taken = () => browser.submit(page, { username: other.username.toUpperCase() }, username)
    const first = await taken()
    assert.equal(first.status, 409)
    assert.match(first.text, /This user name is taken\./)
    assert.match(first.text, new RegExp(`value="${other.username.toUpperCase()}"`))
    let last = first
    for (let count = 0; count < 25 && last.status === 409; count++) last = await taken()
    assert.equal(last.status, 429)
    assert.match(last.headers.get('retry-after') ?? '', /^\d+$/)
  })
})

onEveryEngine('one user name', (engine) => {
  const server = useServer(engine)

  it('goes to one of several who want it at once', async () => {
    const people = await Promise.all([1, 2, 3, 4].map(() => pm2.register(server)))
    const browsers = await Promise.all(people.map((person) => signInAtAccount(server, person)))
    const pages = await Promise.all(browsers.map((browser) => browser.open(`${path}/username`)))
    const wanted = `Wanted ${process.pid} ${engine}`
    const answers = await Promise.all(
      browsers.map((browser, place) =>
        browser.submit(pages[place] ?? assert.fail(), { username: wanted }, `${path}/username`),
      ),
    )
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 409, 409, 409])
  })
})
