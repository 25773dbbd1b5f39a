import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ConfigError } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { sampleKey } from '../harness/master-keys.ts'

const twilio = 'twilio://AC1:secret@api.twilio.com?from=%2B4712345678'
const other = 'https://user:secret@gateway.example/path'

describe('the configuration of text messages', () => {
  it('needs nothing in development, where all countries are allowed', () => {
    const { sms, smsPrefixes } = readConfig({})
    assert.equal(sms, undefined)
    assert.deepEqual(smsPrefixes, ['+'])
  })

  it('takes a gateway and the countries that it may send to', () => {
    const SMS_BODY = '{"to":"{to}","text":"{text}"}'
    const { sms, smsPrefixes } = readConfig({
      SMS_URL: other,
      SMS_FROM: 'Example',
      SMS_BODY,
      SMS_ALLOWED_PREFIXES: '+47, +4670',
    })
    assert.deepEqual(sms, { url: other, from: 'Example', body: SMS_BODY, authorization: undefined })
    assert.deepEqual(smsPrefixes, ['+47', '+4670'])
    assert.equal(readConfig({ SMS_URL: twilio }).sms?.url, twilio)
  })

  it('takes a gateway without TLS on this machine alone', () => {
    for (const host of ['localhost', '127.0.0.1:8080', '[::1]:8080']) {
      const SMS_URL = `http://${host}/send`
      assert.equal(readConfig({ SMS_URL }).sms?.url, SMS_URL)
    }
    for (const host of ['gateway.example', '10.0.0.1', 'localhost.example', '127.0.0.1.example', '[::2]'])
      assert.match(
        problemsOf({ SMS_URL: `http://${host}/` }).join(),
        /SMS_URL must be https, or on this machine/,
      )
  })

  it('takes secrets from files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'manydoors-config-'))
    const [urlFile, keyFile] = [join(folder, 'url'), join(folder, 'key')]
    await writeFile(urlFile, 'https://gateway.example/\n')
    await writeFile(keyFile, 'Bearer abc\n')
    const { sms } = readConfig({ SMS_URL_FILE: urlFile, SMS_AUTHORIZATION_FILE: keyFile })
    assert.deepEqual(sms, {
      url: 'https://gateway.example/',
      from: undefined,
      body: undefined,
      authorization: 'Bearer abc',
    })
    await rm(folder, { recursive: true })
  })

  const wrong: Record<string, [given: Record<string, string>, problem: RegExp]> = {
    'an address of another kind': [{ SMS_URL: 'ftp://gateway.example/' }, /^SMS_URL must be twilio:/],
    'no address at all': [{ SMS_URL: 'gateway' }, /^SMS_URL must be twilio:/],
    'a password that cannot be read': [{ SMS_URL: 'https://me:100%@gateway.example/' }, /^SMS_URL has a %/],
    'Twilio without a secret': [
      { SMS_URL: 'twilio://AC1@api.twilio.com?from=x' },
      /^SMS_URL must be twilio:/,
    ],
    'Twilio without a sender': [{ SMS_URL: 'twilio://AC1:secret@api.twilio.com' }, /^SMS_FROM is missing/],
    'a body for Twilio': [{ SMS_URL: twilio, SMS_BODY: 'a={to}&b={text}' }, /^SMS_BODY and SMS_AUTH/],
    'two secrets': [{ SMS_URL: other, SMS_AUTHORIZATION: 'Bearer x' }, /^SMS_AUTHORIZATION and the user/],
    'a secret of two lines': [
      { SMS_URL: twilio, SMS_AUTHORIZATION: 'a\r\nb' },
      /^SMS_AUTHORIZATION must be one/,
    ],
    'a body without a number': [{ SMS_URL: other, SMS_BODY: 'text={text}' }, /^SMS_BODY must have/],
    'a body without a text': [{ SMS_URL: other, SMS_BODY: 'to={to}' }, /^SMS_BODY must have/],
    'a body that is nearly JSON': [
      { SMS_URL: other, SMS_BODY: '{"to":"{to}","text":{text}}' },
      /^SMS_BODY begins/,
    ],
    'a sender that is not there': [
      { SMS_URL: other, SMS_BODY: 'to={to}&text={text}&from={from}' },
      /^SMS_FROM is missing/,
    ],
    'a country without its plus': [{ SMS_ALLOWED_PREFIXES: '+47,46' }, /^SMS_ALLOWED_PREFIXES must be/],
  }
  for (const [what, [given, problem]] of Object.entries(wrong)) {
    it(`refuses ${what}, and repeats no value`, () => {
      const problems = problemsOf(given)
      assert.ok(
        problems.some((text) => problem.test(text)),
        JSON.stringify(problems),
      )
      assert.doesNotMatch(problems.join(), /secret|gateway\.example|Bearer x|100%@/)
    })
  }

  it('asks in production which countries a gateway may send to', () => {
    const production = {
      NODE_ENV: 'production',
      MANYDOORS_PUBLIC_URL: 'https://auth.example.com',
      MANYDOORS_SECRET: sampleKey(7).toString('base64'),
    }
    assert.deepEqual(readConfig(production).smsPrefixes, [])
    assert.match(problemsOf({ ...production, SMS_URL: twilio }).join(), /^SMS_ALLOWED_PREFIXES is missing/)
    const { sms } = readConfig({ ...production, SMS_URL: twilio, SMS_ALLOWED_PREFIXES: '+47' })
    assert.equal(sms?.url, twilio)
  })
})

function problemsOf(environment: Record<string, string>): string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.problems
  }
}
