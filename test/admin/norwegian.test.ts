import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { tellSetting } from '../../src/admin/console/setting-texts.ts'
import findings from '../../src/admin/locales/findings.nb.json' with { type: 'json' }
import settings from '../../src/admin/locales/settings.nb.json' with { type: 'json' }
import { eventually } from '../harness/events.ts'
import { type Answer, useServer } from '../harness/harness.ts'
import { formsOf, unescaped } from '../pages/html.ts'
import { consoleSettings, type SeededConsole, seedConsole } from './console-pages.ts'
import { programOf } from './programs.ts'

type Language = 'en' | 'nb'

describe('the console in Norwegian', () => {
  const server = useServer('sqlite', { yaml: consoleSettings })
  const seeded = {} as SeededConsole
  before(async () => {
    Object.assign(seeded, await seedConsole(server))
  })
  const headersIn = (language: Language) => ({ cookie: seeded.cookie, 'accept-language': language })
  const open = (path: string, language: Language) =>
    server.request('GET', path, { headers: headersIn(language) })

  /** Sends the form of a page as it is, but for what is typed. */
  const send = async (path: string, language: Language, typed: Record<string, string>, page = path) => {
    const form = formsOf(await open(page, language)).find(({ action }) => action === path)
    assert.ok(form, path)
    return server.request('POST', path, { form: { ...form.fields, ...typed }, headers: headersIn(language) })
  }

  /** Both have said something, and nothing alike. */
  const assertTranslated = (english: Answer, norwegian: Answer, name: string) => {
    const [said, alsoSaid] = [sentencesOf(english), sentencesOf(norwegian)]
    assert.ok(said.length > 0 && alsoSaid.length > 0, name)
    assert.deepEqual(
      alsoSaid.filter((text) => said.includes(text)),
      [],
      name,
    )
  }

  it('says nothing that it says in English, too', async () => {
    for (const [name, { path, sends, isWrong }] of Object.entries(seeded.pages)) {
      const shown = (language: Language) =>
        isWrong ? send(path, language, sends ?? {}) : open(path, language)
      const [english, norwegian] = [await shown('en'), await shown('nb')]
      assert.ok(english.status < 500 && norwegian.text.includes('<html lang="nb">'), norwegian.text)
      assertTranslated(english, norwegian, name)
    }
  })

  it('says what the checks of the server have found', async () => {
    await send('/admin/health/checks', 'nb', {}, '/admin/health')
    const shown = (language: Language) =>
      eventually('the end of the checks', async () => {
        const page = await open('/admin/health', language)
        return page.text.includes('hx-trigger') ? undefined : page
      })
    const [english, norwegian] = [await shown('en'), await shown('nb')]
    assert.match(norwegian.text, /\d+ venter, \d+ oppgitt/)
    assert.match(english.text, /\d+ waiting, \d+ given up/)
    assertTranslated(english, norwegian, 'the health')
  })

  it('says of each setting of the settings file what it is for', () => {
    const descriptions = descriptionsIn(JSON.parse(readFileSync(schemaFile, 'utf8')))
    assert.ok(descriptions.length > 150)
    assert.deepEqual(
      descriptions.filter((text) => tellSetting(text, 'nb') === text),
      [],
    )
  })

  it('says what is wrong with a setting, and with an app', async () => {
    const reason = 'They asked'
    const settings = '/admin/realms/main/settings'
    for (const [path, typed, says] of [
      [`${settings}/brand.accent`, { value: 'red' }, /Verdien må være en farge som #1f4fd8\./],
      [
        `${settings}/brand.accent`,
        { value: '#ffff00' },
        /kan ikke leses: kontrasten mot .* er 1\.0\d, og må/,
      ],
      ['/admin/settings/retention.audit', { value: '1h' }, /må være en tid fra 1d til 3650d, skrevet som/],
      ['/admin/tokens/new', { name: ' ' }, /Det må være 1 til 80 tegn på én linje\./],
    ] as const) {
      const { text } = await send(path, 'nb', { ...typed, reason })
      assert.match(unescaped(text), says)
    }
    const app = '/admin/realms/main/clients/new'
    const wrong = { id: 'new', origins: 'https://app.example.com/path' }
    const { text } = await send(app, 'nb', wrong, `${app}?dialect=openid`)
    assert.match(unescaped(text), /origins\[0\] må være et opphav som https:\/\/app\.example\.com, eller/)
  })

  it('puts the same values into what it says of findings and settings', () => {
    const holes = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()
    const all = { ...findings, ...settings.descriptions, ...settings.problems }
    for (const [english, norwegian] of Object.entries(all))
      assert.deepEqual(holes(norwegian), holes(english), english)
  })

  it('says why something cannot be, which a program is told in English', async () => {
    const account = seeded.pages['an account']?.path ?? ''
    const typed = { name: 'somebody@example.com', reason: 'They asked' }
    const refused = await send(`${account}/delete`, 'nb', typed)
    assert.match(refused.text, /Det er ikke det kontoen heter\./)
    const { ask } = await programOf(server)
    const path = `${account.replace('/admin', '')}/delete`
    const answer = await ask('POST', path, { json: typed, headers: { 'accept-language': 'nb' } })
    assert.equal(answer.body.detail, 'That is not what this account is called.')
  })
})

/** Names, addresses and codes, and what is called the same in both languages. */
const data = [
  /^[^ ]+( [·,]? ?[^ ]+)? · Manydoors$/,
  /^\S+(, \S+)+$/,
  /^\{/,
  /^For a picture$/,
  /^Ada \d+ \(\S+\)$/,
  /^other \(openid other\)$/,
  /^CREDEBL Verifier VERIFIER$/,
  /^Vastly Office \w+$/,
  /^Manydoors [\d.]+, Node [\d.]+$/,
  // A machine and its process, and how long something has taken.
  /^\S+ · \d+$/,
  /^· [\d.,]+ m?s$/,
  // As its owner has called it.
  /^Kari’s tablet · /,
  // As it was called in English when it was made.
  /^Passkey from /,
  /^(minbil|credebl) · \1$/,
]

/** What a page says in three words and more, but for data, code and what it marks as English. */
function sentencesOf({ text: html }: Answer): string[] {
  const shown = html
    .replaceAll(/<(?!html)(\w+)[^>]* lang="en"[^>]*>.*?<\/\1>/gs, '')
    .replaceAll(/<(script|code)\b.*?<\/\1>/gs, '')
  const attributes = [...shown.matchAll(/ (?:aria-label|data-label|title|placeholder|alt)="([^"]*)"/g)]
  return [...shown.split(/<[^>]*>/), ...attributes.map(([, text = '']) => text)]
    .map((text) => unescaped(text).trim())
    .filter((text) => text.split(/\s+/).length > 2 && !data.some((pattern) => pattern.test(text)))
}

const schemaFile = join(import.meta.dirname, '../../manydoors.schema.json')

/** Of all settings, but for the paths of files, which are told with what they hold, and for doors as a whole. */
function descriptionsIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { description } = schema as { description?: unknown }
  const own =
    typeof description === 'string' &&
    !/^(The (path of a file that holds|door of) |Manydoors$)/.test(description)
      ? [description]
      : []
  return [...own, ...Object.values(schema).flatMap(descriptionsIn)]
}
