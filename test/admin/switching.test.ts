import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { importPeople } from '../cli/switching/people.ts'
import { minbil, register } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import { useServer } from '../harness/harness.ts'
import { bring, useSwitch } from '../harness/old-server.ts'
import { operatorOf } from './operator.ts'

const path = '/admin/realms/main/switching'

describe('switching in the console', () => {
  const servers = useSwitch('sqlite')

  it('is how the old servers stand, the imports, and on demand how passwords are kept', async () => {
    const server = servers.next
    const { browser } = await operatorOf(server, 'support')
    const before = await browser.open(path)
    assert.equal(before.status, 200, before.text)
    assert.match(before.text, /<th scope="row"[^>]*>minbil<br>/)
    assert.match(before.text, /Not counted since this process started\./)
    assert.match(before.text, /Nothing was imported\./)

    const person = await register(servers.old)
    await bring(server, { email: person.email, pending: 'minbil' })
    await importPeople(server, [{}, {}], ['--pending', 'minbil'])
    await minbil.signIn(server, { ...person, password: 'not the password' })
    minbil.tokensOf(await minbil.signIn(server, person))

    await browser.submit(await browser.open(path), {}, `${path}/count`)
    const page = await eventually('the end of the count', async () => {
      const page = await browser.open(path)
      return /hx-trigger/.test(page.text) ? undefined : page
    })
    assert.match(page.text, /No trouble<\/span>/)
    assert.match(page.text, /wrong 1, right 1/)
    assert.match(page.text, /minbil: 2 wait for its old server/)
    assert.match(page.text, /1 have come in the last 7 days\./)
    assert.match(page.text, /2 read, 2 created, 0 filled/)
    assert.match(page.text, />manydoors<br><span class="small">manydoors · people\.ndjson/)
  })
})

describe('switching in the console of a server that follows none', () => {
  const server = useServer('sqlite')

  it('says that there is nothing', async () => {
    const { browser } = await operatorOf(server, 'auditor')
    const page = await browser.open(path)
    assert.match(page.text, /No door of this realm asks an old server\./)
    assert.match(page.text, /Nothing was imported\./)
    assert.equal((await browser.open('/admin/realms/none/switching')).status, 404)
  })
})
