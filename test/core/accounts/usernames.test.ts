import assert from 'node:assert/strict'
import { it } from 'node:test'
import * as pm2 from '../../dialects/pm2/door.ts'
import { onEveryEngine, useServer } from '../../harness/harness.ts'

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
    it(`such as ${name} matches in every spelling, and is shown as it was typed first`, async () => {
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

  it('of another script, or with another accent, is a different one', async () => {
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

  it('holds only visible characters', async () => {
    for (const [what, username] of Object.entries(unseen)) {
      const answer = await register(username)
      assert.equal(answer.status, 400, what)
      assert.match(answer.body.username.message, /^A username has /, what)
    }
  })

  it('goes to one of many concurrent sign-ups in different spellings', async () => {
    const names = ['zoë', 'zoe\u0308', 'ZOË', 'ｚｏë', 'ZOE\u0308']
    const answers = await Promise.all(names.map(register))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409, 409, 409])
  })
})
