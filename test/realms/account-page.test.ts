import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { register } from '../dialects/pm2/door.ts'
import { onEveryEngine, type TestServer, useServer } from '../harness/harness.ts'
import { formsOf } from '../pages/html.ts'
import { plainBrowser, signInAtAccount } from '../pages/jar.ts'
import { atHost } from './at-host.ts'

const yaml = `
realms:
  main:
  partners:
    hosts: [partners.localhost]
`

onEveryEngine('the account pages of two realms', (engine) => {
  const server = useServer(engine, { yaml })
  let main: TestServer
  let partners: TestServer
  before(() => {
    main = atHost(server, 'localhost')
    partners = atHost(server, 'partners.localhost')
  })

  it('know no session, no login and no form of each other, though the cookies are called alike', async () => {
    const person = await register(main)
    const here = await signInAtAccount(main, person)
    const there = plainBrowser(partners)
    for (const [name, value] of here.cookies) there.cookies.set(name, value)
    assert.match((await there.open('/ui/account')).text, /<h1>Sign in<\/h1>/)

    // Nor does a login that was begun at one finish at the other.
    const begun = plainBrowser(main)
    const [form] = formsOf(await begun.open('/ui/account'))
    assert.ok(form)
    const carried = plainBrowser(partners)
    for (const [name, value] of begun.cookies) carried.cookies.set(name, value)
    const typed = { ...form.fields, identifier: person.username, password: person.password }
    assert.equal((await carried.post(form.action, typed)).status, 400)

    const theirs = await signInAtAccount(partners, await register(partners))
    const [own] = formsOf(await here.open('/ui/account'))
    const refused = await theirs.post('/ui/account/sign-out', { form: own?.fields.form ?? '' })
    assert.equal(refused.status, 403)
    assert.equal((await here.open('/ui/account')).status, 200)
  })
})
