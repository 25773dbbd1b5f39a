import assert from 'node:assert/strict'
import { it } from 'node:test'
import { jsonOf } from '../command.ts'
import { execute, select } from '../database.ts'
import * as pm2 from '../dialects/pm2-door.ts'
import { onEveryEngine, useServer } from '../harness.ts'
import { behindProxy, freshAddress, from } from '../limits/callers.ts'

/** The first is registered; the others are the same name to eyes and keyboards. */
const alike: string[][] = [
  ['José', 'jose\u0301', 'JOSE\u0301', 'ＪＯＳÉ', 'jos\u00e9\u200b', '\ufeffJosé\u202c'],
  ['Admin', 'ＡＤＭＩＮ', 'ad\u00admin', 'adm\u200bin', 'ad\u2060min', 'a\u{1d41d}min'],
  ['İstanbul', 'istanbul', 'ISTANBUL', 'ıstanbul', 'I\u0307stanbul'],
  ['Straße', 'STRASSE', 'strasse', 'STRAẞE'],
  ['Ὀδυσσεύς', 'ὈΔΥΣΣΕΎΣ', 'ὀδυσσεύσ'.normalize('NFD')],
  ['Ada  Lovelace', 'ada lovelace', 'ADA\u3000LOVELACE', 'ada\u00a0lovelace'],
  ['ﬁnn', 'FINN', 'Finn'],
]

const unseen: Record<string, string> = {
  'three zero-width blanks': '\u200b\u200b\u200b',
  'two Hangul fillers': '\u3164\u3164',
  'two Braille patterns without dots': '\u2800\u2800',
  'two accents on nothing': '\u0301\u0301',
  'a zero-width blank inside': 'ali\u200bce',
  'a soft hyphen inside': 'ali\u00adce',
  'a joiner inside': 'ali\u200dce',
  'a mark for the direction of writing': 'ali\u200fce',
  'a variation selector': 'alice\ufe0f',
  'a tag': 'alice\u{e0061}',
  'a private character': 'alice\ue000',
  'a character that is not assigned': 'alice\u{3fffd}',
  'a line separator': 'ali\u2028ce',
}

onEveryEngine('a user name', (engine) => {
  const server = useServer(engine)

  const register = (username: string) =>
    pm2.send(server, 'POST', '/register', { json: pm2.registration({ ...pm2.freshPerson(), username }) })

  for (const [name = '', ...others] of alike) {
    it(`such as ${name} is one, however it is typed, and is shown as it was`, async () => {
      const { password, access } = await pm2.register(server, {
        person: { ...pm2.freshPerson(), username: name },
      })
      assert.equal((await pm2.whoAmI(server, access)).body.username, name)
      for (const username of [name, ...others]) {
        await pm2.signIn(server, { username, password })
        const answer = await register(username)
        // A name that holds what cannot be seen is refused for that.
        assert.ok([400, 409].includes(answer.status), `${username}: ${answer.text}`)
        assert.deepEqual(Object.keys(answer.body), ['username', 'msg'], username)
      }
    })
  }

  it('of another script, or with another accent, is another one', async () => {
    for (const username of [
      'admin2',
      'аdmin2',
      'ádmin2',
      'àdmin2',
      '王小明',
      'محمد علي',
      'नरेन्द्र',
      'O’Brien-🦊',
    ])
      await pm2.register(server, { person: { ...pm2.freshPerson(), username } })
  })

  it('holds only what can be seen', async () => {
    for (const [what, username] of Object.entries(unseen)) {
      const answer = await register(username)
      assert.equal(answer.status, 400, what)
      assert.match(answer.body.username.message, /^A username has /, what)
    }
  })

  it('is taken by one of many who ask for it at once in different spellings', async () => {
    const names = ['zoë', 'zoe\u0308', 'ZOË', 'ｚｏë', 'ZOE\u0308']
    const answers = await Promise.all(names.map(register))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409, 409, 409])
  })
})

onEveryEngine('a user name of release 0.1.0', (engine) => {
  const server = useServer(engine, { env: behindProxy, limits: 'real' })
  const { password } = pm2.freshPerson()

  /** Puts accounts back as that release has kept them, the oldest first, and upgrades. */
  async function upgradeWith(names: string[]): Promise<string[]> {
    const url = server.env.DATABASE_URL ?? ''
    const emails: string[] = []
    for (const name of names) {
      const { email } = await pm2.register(from(server, freshAddress()))
      emails.push(email)
      const kept = `username = '${name}', username_key = '${name.toLowerCase()}'`
      await execute(url, `update accounts set ${kept} where email = '${email}'`)
    }
    await execute(url, `delete from schema_changes where name = '008-folded-usernames'`)
    await server.restart()
    return emails
  }

  const signIn = (username: string, from_ = from(server, freshAddress())) =>
    pm2.signIn(from_, { username, password })
  const ownerOf = async (username: string) => {
    const { access } = await signIn(username)
    return (await pm2.whoAmI(server, access)).body.email
  }

  it('is known by every spelling after the upgrade', async () => {
    const names = ['Rene\u0301e', 'ＷＩＤＥ', 'Groß', 'plain']
    const emails = await upgradeWith(names)
    for (const [index, typed] of [
      ['Renée', 'Rene\u0301e', 'RENE\u0301E'],
      ['wide', 'ＷＩＤＥ', 'ｗｉｄｅ'],
      ['gross', 'GROSS', 'Groß'],
      ['plain', 'PLAIN', 'ｐｌａｉｎ'],
    ].entries())
      for (const name of typed) assert.equal(await ownerOf(name), emails[index], name)
    assert.equal(
      (await select(server.env.DATABASE_URL ?? '', `select 1 from accounts where username = 'ＷＩＤＥ'`))
        .length,
      1,
    )
  })

  it('that comes to the same as another one lets both in: one by every spelling, the others by their own', async () => {
    const names = ['Noe\u0308l', 'ＮＯËＬ', 'Noël', 'no\u200bël', '\u200b\u200b', '\u2060\u2060']
    const [decomposed, wide, composed, hidden, unseen, unseenToo] = await upgradeWith(names)
    // The last but one in age was folded already.
    for (const typed of ['Noël', 'noël', 'NOËL']) assert.equal(await ownerOf(typed), composed, typed)
    for (const typed of ['Noe\u0308l', 'NOE\u0308L']) assert.equal(await ownerOf(typed), decomposed, typed)
    for (const typed of ['ＮＯËＬ', 'ｎｏëｌ']) assert.equal(await ownerOf(typed), wide, typed)
    assert.equal(await ownerOf('no\u200bël'), hidden)
    assert.equal(await ownerOf('\u200b\u200b'), unseen)
    assert.equal(await ownerOf('\u2060\u2060'), unseenToo)

    for (const username of ['noël', 'noe\u0308l', 'ｎｏël']) {
      const json = pm2.registration({ ...pm2.freshPerson(), username })
      const answer = await pm2.send(from(server, freshAddress()), 'POST', '/register', { json })
      assert.equal(answer.status, 409, username)
    }
    const [shown] = await jsonOf(server, ['account', 'show', 'username:noe\u0308l'])
    assert.equal(shown.email, decomposed)
  })

  it('goes to the older of two that were both not folded', async () => {
    const [older, younger] = await upgradeWith(['ＴＷＯ', 'ｔw\u200bｏ'])
    assert.equal(await ownerOf('two'), older)
    assert.equal(await ownerOf('ＴＷＯ'), older)
    assert.equal(await ownerOf('ｔw\u200bｏ'), younger)
  })

  it('is not guessed for longer by one who has a name that comes to the same', async () => {
    const [victim, lookAlike] = ['ＶICTIM', 'vi\u200bctim']
    await upgradeWith([victim, lookAlike])
    for (const [own, guessed] of [
      [lookAlike, victim],
      [victim, lookAlike],
    ] as const) {
      const attacker = from(server, freshAddress())
      const cookie = await pm2.beginLogin(attacker)
      const guess = async () => {
        const form = { username: guessed, password: 'some other password' }
        return (await pm2.send(attacker, 'POST', '/login', { form, headers: { cookie } })).status
      }
      for (let guesses = 0; guesses < 10; guesses++) {
        assert.equal(await guess(), 401)
        await signIn(own, attacker)
      }
      assert.equal(await guess(), 429)
    }
  })
})
