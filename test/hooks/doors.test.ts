import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { adapters } from '../dialects/adapters.ts'
import { select } from '../harness/database.ts'
import { claimsOf, freshEmail } from '../harness/harness.ts'
import { groups, plan, useHooks } from './receiver.ts'

const password = 'a-Long-Passw0rd-for-one'

describe('the hooks at every door', () => {
  const { server, receiver } = useHooks('sqlite')

  for (const door of adapters) {
    const person = () => ({ email: freshEmail(), password })
    const accounts = async (email: string) =>
      (await select(server.env.DATABASE_URL ?? '', `select id from accounts where email = '${email}'`)).length

    it(`${door.name}: asks once before a sign-up and once before each sign-in, and says nothing secret`, async () => {
      receiver.answer({ decision: 'allow' })
      const someone = person()
      await door.openAccount(server, someone)
      const signUps = receiver.questions().filter(({ type }) => type === 'hook.before_sign_up')
      assert.equal(signUps.length, 1)
      assert.equal(signUps[0]?.data.account.email, someone.email)
      assert.equal(signUps[0]?.data.account.id, null)

      receiver.answer({ decision: 'allow' })
      const { tokens } = await door.signIn(server, someone)
      assert.ok(tokens)
      const [question, ...more] = receiver.questions()
      assert.deepEqual(more, [])
      assert.equal(question?.type, 'hook.before_sign_in')
      const { account, client, userAgent, ...rest } = question.data
      assert.equal(account.email, someone.email)
      assert.match(account.id, /^[\da-f-]{36}$/)
      assert.equal(typeof client, 'string')
      assert.equal(userAgent, 'node')
      const { isNewDevice: _, ...known } = rest
      assert.deepEqual(known, {
        realm: 'main',
        door: door.name,
        session: 'app',
        ip: '127.0.0.1',
        methods: ['pwd'],
      })
      const said = JSON.stringify(receiver.fake.asked)
      for (const hidden of [password, tokens.access, tokens.refresh || password])
        assert.ok(!said.includes(hidden), hidden)
    })

    it(`${door.name}: asks nobody about a wrong password or a stranger`, async () => {
      const someone = person()
      await door.openAccount(server, someone)
      receiver.answer({ decision: 'refuse' })
      const wrong = await door.signIn(server, { ...someone, password: 'another-Passw0rd' })
      const nobody = await door.signIn(server, person())
      for (const { answer } of [wrong, nobody]) assert.equal(answer.status, door.statuses.signIn)
      assert.deepEqual(receiver.questions(), [])
    })

    it(`${door.name}: refuses a sign-in in its own words, and writes it down`, async () => {
      const someone = person()
      receiver.answer({ decision: 'allow' })
      await door.openAccount(server, someone)
      receiver.answer({ decision: 'refuse', code: 'access_denied' })
      const { answer, tokens } = await door.signIn(server, someone)
      assert.equal(tokens, undefined)
      door.assertError(answer, 403)
      const rows = await select(
        server.env.DATABASE_URL ?? '',
        `select outcome, detail from audit join accounts on accounts.id = audit.account_id
          where email = '${someone.email}' and event = 'sign_in' and outcome = 'refused'`,
      )
      assert.deepEqual(
        rows.map(({ detail }) => detail),
        ['hook'],
      )
      receiver.answer({ decision: 'allow' })
      assert.ok((await door.signIn(server, someone)).tokens, 'and lets them in once it does')
    })

    it(`${door.name}: refuses a sign-up before anything of it is kept, whoever has the address`, async () => {
      const someone = person()
      receiver.answer({ decision: 'allow' })
      await door.openAccount(server, someone)
      const newcomer = person()
      receiver.answer({ decision: 'refuse' })
      const [known, unknown] = [await door.signUp(server, someone), await door.signUp(server, newcomer)]
      door.assertError(unknown, 403)
      // Where the address is proven first, whose it is is known by then.
      if (door.name !== 'credebl') assert.equal(known.text, unknown.text)
      assert.equal(await accounts(newcomer.email), 0)
    })

    it(`${door.name}: has access tokens say what was added, after a refresh too`, async () => {
      const someone = person()
      receiver.answer({ decision: 'allow' })
      await door.openAccount(server, someone)
      receiver.answer({ decision: 'allow', claims: { [plan]: 'gold', [groups]: ['a', 'b'] } })
      const { tokens } = await door.signIn(server, someone)
      const claims = claimsOf(tokens?.access ?? '')
      assert.equal(claims[plan], 'gold')
      assert.deepEqual(claims[groups], ['a', 'b'])
      receiver.answer({ decision: 'refuse' })
      if (!door.refreshing || !tokens) return
      const again = await door.refreshing.refresh(server, tokens.refresh)
      assert.equal(claimsOf(again.tokens?.access ?? '')[plan], 'gold')
      assert.deepEqual(receiver.questions(), [], 'a refresh asks nobody')
    })
  }
})
