import assert from 'node:assert/strict'
import { it } from 'node:test'
import { adapters } from '../../dialects/adapters.ts'
import { register } from '../../dialects/wolfpal/door.ts'
import { onEveryEngine, queryOf } from '../../harness/harness.ts'
import { bring, keptPassword, useSwitch } from '../../harness/old-server.ts'

const [minbil = assert.fail()] = adapters

onEveryEngine('a first sign-in by an old server', (engine) => {
  const servers = useSwitch(engine, { cores: 4 })

  it('on several nodes at once keeps one hash, and each has a session', async () => {
    const person = await register(servers.old)
    await bring(servers.next, { email: person.email, pending: 'minbil' })
    const nodes = [servers.next, servers.beside, servers.next, servers.beside]
    const answers = await Promise.all(nodes.map((node) => minbil.signIn(node, person)))
    const tokens = answers.map(({ tokens, answer }) => tokens ?? assert.fail(answer.text))
    assert.equal(new Set(tokens.map(({ refresh }) => refresh)).size, nodes.length)
    const kept = await keptPassword(servers.next, person.email)
    for (const { access } of tokens) assert.ok((await minbil.ask(servers.next, access)).status < 400)
    assert.ok((await minbil.signIn(servers.beside, person)).tokens)
    assert.deepEqual(await keptPassword(servers.next, person.email), kept)
  })

  it('gives way to a reset that runs meanwhile, and never comes back', async () => {
    for (let place = 0; place < 5; place++) {
      const person = await register(servers.old)
      const { email } = person
      await bring(servers.next, { email, pending: 'minbil' })
      await servers.next.request('POST', '/api/co/auth/forgot-password', { json: { email } })
      const token = queryOf((await servers.next.mail(email, /password/i)).links[0], 'token')
      const json = { token, password: `chosen in round ${place}` }
      const signIns = (count: number, node = servers.next) =>
        Array.from({ length: count }, () => minbil.signIn(node, person))
      const before = signIns(place)
      const reset = servers.beside.request('POST', '/api/co/auth/reset-password', { json })
      const after = signIns(4 - place, servers.beside)
      assert.equal((await reset).status, 200)
      for (const { answer, tokens } of await Promise.all([...before, ...after])) {
        if (!tokens) assert.equal(answer.status, 401, answer.text)
        else assert.equal((await minbil.ask(servers.next, tokens.access)).status, 401)
      }
      assert.equal((await minbil.signIn(servers.next, person)).answer.status, 401)
      assert.ok((await minbil.signIn(servers.next, { email, password: json.password })).tokens)
    }
  })
})
