import assert from 'node:assert/strict'
import { it } from 'node:test'
import { assertRefused, jsonOf } from '../../harness/command.ts'
import { minbil } from '../../harness/doors.ts'
import { onEveryEngine, useServer } from '../../harness/harness.ts'

const password = 'piped in, and äöü 17'

onEveryEngine('names on the command line', (engine) => {
  const server = useServer(engine)
  const show = async (name: string) => (await jsonOf(server, ['account', 'show', name]))[0].id

  it('are normalized as people type them', async () => {
    const names = [
      '--email',
      ' ada@münchen.example\u200b',
      '--username',
      'Zo\u0308e Groß',
      '--phone',
      '0044 (0)20 7946 0958',
    ]
    const [made] = await jsonOf(server, ['account', 'create', ...names], password.normalize('NFD'))
    assert.equal(made.email, 'ada@xn--mnchen-3ya.example')
    assert.equal(made.username, 'Zo\u0308e Groß')
    assert.equal(made.phone, '+442079460958')
    for (const name of [
      'ada@MÜNCHEN.example',
      'email:ada@xn--mnchen-3ya.example',
      'zöe gross',
      'username:ZÖE GROSS',
      'tel:+44-20-7946-0958',
      '00442079460958',
      'phone:+44 (0)20 7946 0958',
    ])
      assert.equal(await show(name), made.id, name)
    const email = 'ada@münchen.example'
    assert.equal((await minbil.signIn(server, { email, password: password.normalize('NFC') })).status, 200)
  })

  it('are refused where they could pass for others', async () => {
    const create = (...names: string[]) => ['account', 'create', ...names]
    await assertRefused(
      server,
      create('--email', 'müller@example.com'),
      /It must be an e-mail address/,
      password,
    )
    const unseen = /It must have visible characters only/
    await assertRefused(server, create('--username', 'ad\u200bmin'), unseen, password)
    await assertRefused(server, create('--username', '0047 912 34 567'), /must not look like/, password)
    const [{ id }] = await jsonOf(server, create('--username', 'José'), password)
    await assertRefused(
      server,
      create('--username', 'jose\u0301'),
      /another account has this user name/,
      password,
    )
    assert.equal(await show('JOSÉ'), id)
  })
})
