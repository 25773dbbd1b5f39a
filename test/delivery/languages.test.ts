import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import {
  freshPhone,
  messagesTo,
  post as postToVastly,
  register as registerAtVastly,
} from '../dialects/vastly/door.ts'
import { eventually } from '../harness/events.ts'
import { freshEmail, queryOf, type TestServer, useServer } from '../harness/harness.ts'

describe('messages', () => {
  const server = useServer('sqlite')

  const post = (path: string, json: object, language?: string) =>
    server.request('POST', `/api/co/auth${path}`, {
      json,
      ...(language !== undefined && { headers: { 'accept-language': language } }),
    })

  const signUp = async (language?: string): Promise<string> => {
    const email = freshEmail()
    const answer = await post('/sign-up', { email, password: '12345678' }, language)
    assert.equal(answer.status, 201, answer.text)
    return email
  }

  for (const language of [
    'nb',
    'no',
    'nn-NO,nn;q=0.9',
    'nb-NO,nb;q=0.9,en;q=0.8',
    'fr, nb;q=0.5, en;q=0.2',
    'nb_NO',
  ]) {
    it(`are in Norwegian for who asks for ${language}`, async () => {
      const mail = await server.mail(await signUp(language), /^Bekreft e-postadressen din hos Minbil$/)
      assert.match(mail.text, /Åpne denne lenken innen et døgn/)
      assert.match(mail.html, /<html lang="nb">/)
      assert.match(mail.html, />Ja, den er min<\/a>/)
    })
  }

  for (const language of [undefined, 'en', 'fr', '*', 'en, nb;q=0.9', 'nb;q=0', 'nonsense;;;q=x']) {
    it(`are in English for who asks for ${language}`, async () => {
      const mail = await server.mail(await signUp(language), /^Confirm your e-mail address for Minbil$/)
      assert.match(mail.html, /<html lang="en">/)
    })
  }

  it('are in the language of the request that caused them, each', async () => {
    const email = await signUp('nb')
    await post('/forgot-password', { email }, 'en')
    const { links } = await server.mail(email, /^Set a new password for Minbil$/)
    const token = queryOf(links[0], 'token')
    const form = { token, password: 'et helt nytt passord' }
    const page = { form, headers: { 'accept-language': 'nb' } }
    assert.equal((await server.request('POST', '/ui/reset-password', page)).status, 200)
    await server.mail(email, /^Passordet ditt hos Minbil er endret$/)
    await post('/forgot-password', { email }, 'nb')
    const mail = await server.mail(email, /^Velg et nytt passord hos Minbil$/)
    assert.match(mail.text, /innen 60 minutter/)
  })

  it('are in Norwegian on a phone too', async () => {
    const mobile = freshPhone()
    await registerAtVastly(server, { mobile })
    await postToVastly(server, '/forgotpass/mobile', {
      json: { mobile },
      headers: { 'accept-language': 'nb' },
    })
    const text = await textTo(server, mobile)
    assert.match(text, /^\d{6} er koden din hos .+\. Den gjelder i fem minutter\. Ikke gi den til noen\.$/)
  })
})

function textTo(server: TestServer, mobile: string): Promise<string> {
  return eventually(`a message to ${mobile}`, async () => (await messagesTo(server, mobile))[0]?.text)
}

describe('the translations of messages', () => {
  const folder = join(dirname(dirname(import.meta.dirname)), 'src/delivery/templates')
  const files = readdirSync(folder).filter((file) => !/^(layout\.|_)/.test(file))
  /** What a template puts in and what it is built of, in the order of the alphabet. */
  const skeletonOf = (file: string) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/\{[{%].*?[%}]\}/g)].map(([tag]) => tag).sort()

  const english = files.filter((file) => !file.includes('.nb.'))

  it('are there for every message', () => {
    const translated = english.map((file) => file.replace('.', '.nb.'))
    assert.deepEqual([...english, ...translated].sort(), files.sort())
  })

  for (const file of english) {
    it(`have the variables and tags of ${file}`, () => {
      assert.deepEqual(new Set(skeletonOf(file.replace('.', '.nb.'))), new Set(skeletonOf(file)))
    })
  }
})
