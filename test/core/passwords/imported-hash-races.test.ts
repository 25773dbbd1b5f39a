import assert from 'node:assert/strict'
import { it } from 'node:test'
import bcrypt from 'bcrypt'
import { type Cluster, onEveryCluster } from '../../harness/cluster.ts'
import { minbil, type Person, register } from '../../harness/doors.ts'
import { queryOf } from '../../harness/harness.ts'

const ours = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/

onEveryCluster('an imported hash', (cluster) => {
  const bring = async ({ email, password }: Person): Promise<string> => {
    const hash = await bcrypt.hash(password, 4)
    const set = `password_hash = '${hash}', password_kind = 'bcrypt 4'`
    await cluster.execute(`update accounts set ${set} where email = '${email}'`)
    return hash
  }
  const kept = async ({ email }: Person) => {
    const columns = 'password_hash as hash, password_kind as kind'
    const [row] = await cluster.select(`select ${columns} from accounts where email = '${email}'`)
    return { hash: String(row?.hash), kind: row?.kind }
  }

  it('becomes one hash of ours when many sign in at once for the first time, and each has a session', async () => {
    const person = await register(cluster)
    await bring(person)
    const answers = await cluster.race(8, (server) => minbil.signIn(server, person))
    const tokens = answers.map((answer) => minbil.tokensOf(answer))
    assert.equal(new Set(tokens.map(({ refresh }) => refresh)).size, 8)
    for (const { refresh } of tokens) minbil.tokensOf(await minbil.refresh(cluster, refresh))
    const { hash, kind } = await kept(person)
    assert.match(hash, ours)
    assert.equal(kind, null)
    assert.equal((await minbil.signIn(cluster, person)).status, 200)
    assert.deepEqual(await kept(person), { hash, kind })
    assert.equal((await minbil.signIn(cluster, { ...person, password: 'wrong password' })).status, 401)
  })

  it('gives way to a reset that runs meanwhile, and never comes back', async () => {
    let person = await register(cluster)
    for (let place = 0; place < 6; place++) {
      await bring(person)
      const next = { ...person, password: `chosen in round ${place}` }
      const token = await mailReset(cluster, person.email)
      const answers = await cluster.race(6, (server, index) =>
        index === place
          ? server.request('POST', '/api/co/auth/reset-password', {
              json: { token, password: next.password },
            })
          : minbil.signIn(server, person),
      )
      assert.equal(answers[place]?.status, 200, answers[place]?.text)
      for (const [index, { status, body, text }] of answers.entries()) {
        if (index === place) continue
        assert.ok(status === 200 || status === 401, text)
        if (status === 200) assert.equal((await minbil.refresh(cluster, body.refresh_token)).status, 401)
      }
      const { hash, kind } = await kept(person)
      assert.match(hash, ours)
      assert.equal(kind, null)
      assert.equal((await minbil.signIn(cluster, person)).status, 401)
      person = next
      assert.equal((await minbil.signIn(cluster, person)).status, 200)
    }
  })
})

async function mailReset(cluster: Cluster, email: string): Promise<string> {
  const earlier = new Set((await cluster.mailsTo(email)).map(({ id }) => id))
  await cluster.request('POST', '/api/co/auth/forgot-password', { json: { email } })
  const [mail] = (await cluster.mailsTo(email)).filter(({ id }) => !earlier.has(id))
  return queryOf(mail?.links[0], 'token')
}
