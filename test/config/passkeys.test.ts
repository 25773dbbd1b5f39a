import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { settingsIn, useFolder } from './settings-file.ts'

describe('passkeys in a settings file', () => {
  const { read, problems } = settingsIn(useFolder())
  const passkeysOf = async (yaml: string) => (await read(yaml)).realms[0]?.passkeys
  const realm = (publicUrl: string, passkeys: string) =>
    `realms: { main: { publicUrl: "${publicUrl}", passkeys: ${passkeys} } }`

  it('are good at the public URL, for its host, where nothing else is said', async () => {
    assert.deepEqual(await passkeysOf('publicUrl: https://auth.example.com'), {
      rpId: 'auth.example.com',
      origins: ['https://auth.example.com'],
      userVerification: 'required',
    })
    assert.equal(await passkeysOf('publicUrl: http://192.0.2.1:5000'), undefined)
  })

  it('are good for a domain above it, and at other origins', async () => {
    const yaml = realm(
      'https://auth.example.com',
      '{ rpId: example.com, origins: [https://app.example.com, https://example.org], userVerification: preferred }',
    )
    assert.deepEqual(await passkeysOf(yaml), {
      rpId: 'example.com',
      origins: ['https://auth.example.com', 'https://app.example.com', 'https://example.org'],
      userVerification: 'preferred',
    })
  })

  it('are refused for a domain that the pages are not of, and for more others than browsers take', async () => {
    assert.match(
      (await problems(realm('https://auth.example.com', '{ rpId: example.org }'))).join('\n'),
      /realms\.main\.passkeys\.rpId must be the host of the realm's publicUrl \(auth\.example\.com\) or a domain above it/,
    )
    const origins = Array.from({ length: 6 }, (_, index) => `https://example${index}.org`)
    assert.match(
      (await problems(realm('https://auth.example.com', `{ origins: [${origins.join(', ')}] }`))).join('\n'),
      /realms\.main\.passkeys\.origins has 6 hosts that are not of auth\.example\.com: browsers take 5/,
    )
  })

  it('are refused for what is no domain and no secure origin', async () => {
    for (const rpId of ['https://example.com', 'com', 'Example.com', '192.0.2.1', 'example.com:443'])
      assert.match(
        (await problems(realm('https://a.example.com', `{ rpId: "${rpId}" }`))).join('\n'),
        /must be a domain/,
      )
    for (const origin of [
      'http://app.example.com',
      'app.example.com',
      'https://app.example.com/',
      'https://192.0.2.1',
    ])
      assert.match(
        (await problems(realm('https://a.example.com', `{ origins: ["${origin}"] }`))).join('\n'),
        /must be an origin such as/,
      )
  })
})
