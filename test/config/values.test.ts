import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readConfig } from '../../src/config/read-config.ts'
import { sampleKey } from '../harness/master-keys.ts'
import { assertRefused, problemsOf } from './refused.ts'
import { settingsIn, useFolder } from './settings-file.ts'

describe('whitespace around a value', () => {
  const folder = useFolder()
  const { read } = settingsIn(folder)

  it('is trimmed', async () => {
    const config = readConfig({
      DATABASE_URL: ' postgres://me@db.example/auth\r\n',
      PORT: '5001\n',
      NODE_ENV: ' development ',
      MANYDOORS_PUBLIC_URL: '\thttps://auth.example.com ',
      SMTP_URL: 'smtp://mail.example\n',
      MAIL_FROM: ' Example <auth@example.com>\n',
      LOG_LEVEL: 'INFO ',
      MANYDOORS_DATA: ' ',
    })
    assert.deepEqual(config.database, { engine: 'postgres', url: 'postgres://me@db.example/auth' })
    assert.equal(config.port, 5001)
    assert.equal(config.publicUrl, 'https://auth.example.com')
    assert.deepEqual(config.smtp, { url: 'smtp://mail.example', from: 'Example <auth@example.com>' })
    assert.equal(config.logLevel, 'info')
    const ofFile = await read('database: " postgres://me@db.example/auth "\nlogLevel: WARN')
    assert.deepEqual(ofFile.database, config.database)
    assert.equal(ofFile.logLevel, 'warn')
  })
})

describe('a settings file in another style', () => {
  const folder = useFolder()
  const { read, problems } = settingsIn(folder)

  it('may hold anchors at its top, under names that begin with x-', async () => {
    const config = await read(`
      x-doors: &doors { minbil: , wolfpal: }
      realms: { main: { dialects: *doors } }`)
    assert.deepEqual(Object.keys(config.realms[0]?.dialects ?? {}), ['minbil', 'wolfpal'])
    assert.deepEqual(await problems('smtp: { x-more: 1 }'), ['smtp.x-more is not a setting (FILE:1)'])
  })

  it('is refused in UTF-16 or an unknown encoding; so is a secret', async () => {
    const text = 'port: 5001\n'
    const utf16 = await folder.write(Buffer.from(`\ufeff${text}`, 'utf16le'))
    assert.deepEqual(problemsOf({ MANYDOORS_CONFIG: utf16 }), [`${utf16} is in UTF-16 and must be in UTF-8`])
    const latin1 = await folder.write(Buffer.from('# blåbær\n', 'latin1'))
    assert.deepEqual(problemsOf({ MANYDOORS_CONFIG: latin1 }), [`${latin1} is not in UTF-8`])
    const secret = await folder.write(Buffer.from(sampleKey(1).toString('base64'), 'utf16le'))
    assert.deepEqual(problemsOf({ MANYDOORS_SECRET_FILE: secret }), [
      `MANYDOORS_SECRET_FILE is in UTF-16 and must be in UTF-8: ${secret}`,
    ])
  })
})

describe('a master key that is not random', () => {
  const weak = {
    zeros: Buffer.alloc(32),
    'one byte repeated': Buffer.alloc(32, 7),
    'a word repeated': Buffer.alloc(32, 'secret'),
    'half of it repeated': Buffer.alloc(32, sampleKey(1).subarray(0, 16)),
    'few different bytes': Buffer.from('aaaabbbbccccaaabacabacccbdbadccc'),
    counting: Buffer.from(Array.from({ length: 32 }, (_, index) => index)),
    'counting down in threes': Buffer.from(Array.from({ length: 32 }, (_, index) => 256 - 3 * index)),
  }

  for (const [what, key] of Object.entries(weak))
    it(`is refused wherever one is set: ${what}`, () => {
      const text = key.toString('base64')
      for (const name of ['MANYDOORS_SECRET', 'MANYDOORS_SECRET_NEXT', 'MANYDOORS_SECRET_PREVIOUS'])
        assertRefused(name, /no random source/, [text])
      assertRefused('MANYDOORS_SECRET_PREVIOUS', /no random source/, [
        `${sampleKey(2).toString('base64')},${text}`,
      ])
    })

  it('is not confused with one made by openssl, in bytes or in digits', () => {
    for (let number = 0; number < 1000; number++) {
      const MANYDOORS_SECRET = sampleKey(number).toString('base64')
      const ofDigits = Buffer.from(sampleKey(number).toString('hex').slice(0, 32)).toString('base64')
      assert.deepEqual(problemsOf({ MANYDOORS_SECRET, MANYDOORS_SECRET_PREVIOUS: ofDigits }), [])
    }
  })
})
