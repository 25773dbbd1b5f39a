import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readConfig } from '../../src/config/read-config.ts'
import { useFolder } from './settings-file.ts'

const secret = 'kO3v9xT1bQ7mZ4sW8nE2rY6uI0pL5jHc'
const times = "until: 2027-02-15, notIssuedAfter: '2027-02-01T06:00:00Z'"

describe('the tokens of an old server', () => {
  const folder = useFolder()
  const read = async (door: string, tokens: string, more = '') => {
    const switching = `upstream: https://old.example.com, tokens: { ${tokens} }${more}`
    const text = `realms: { main: { dialects: { ${door}: { switching: { ${switching} } } } } }`
    const { realms } = readConfig({ MANYDOORS_CONFIG: await folder.write(text) })
    return realms[0]?.dialects[door]?.switching?.tokens
  }

  it('are checked by a secret, which a file may hold', async () => {
    await folder.write(`${secret}\n`, 'old-secret')
    const given = await read('wolfpal', `${times}, hs256File: ${folder.path}/old-secret, sessions: imported`)
    assert.deepEqual(given, {
      until: Date.UTC(2027, 1, 16),
      notIssuedAfter: Date.UTC(2027, 1, 1, 6),
      hs256: secret,
      algorithm: 'RS256',
      sessions: 'imported',
      sources: ['wolfpal'],
      accessLifetimeSeconds: 3600,
    })
  })

  it('name accounts as the import of that kind has them, and as the identity provider before it', async () => {
    const given = await read('credebl', `${times}, jwks: https://id.example.com/certs, issuer: x`)
    assert.deepEqual(given?.sources, ['credebl', 'identity:keycloak'])
  })

  const refused: [what: string, door: string, tokens: string, problem: RegExp, more?: string][] = [
    ['by a short secret', 'minbil', `${times}, hs256: kO3v9xT1bQ7m`, /\.hs256 must be 32 bytes or more/],
    [
      'by the secret of a template',
      'minbil',
      `${times}, hs256: your-super-secret-jwt-token-with-at-least-32-characters-long`,
      /\.hs256 must be 32 bytes or more/,
    ],
    ['by a pattern', 'minbil', `${times}, hs256: ${'ab'.repeat(20)}`, /\.hs256 must be 32 bytes or more/],
    [
      'by keys in the clear',
      'minbil',
      `${times}, jwks: 'http://id.example.com/k', issuer: x`,
      /\.jwks must begin/,
    ],
    ['by keys of whoever', 'minbil', `${times}, jwks: 'https://id.example.com/k'`, /\.issuer is missing/],
    [
      'by keys in a private network',
      'minbil',
      `${times}, jwks: 'https://10.0.0.1/k', issuer: x`,
      /\.jwks is an address to which no/,
    ],
    ['by nothing', 'minbil', times, /\.hs256 is missing, or jwks, or sessions/],
    [
      'by two things',
      'minbil',
      `${times}, hs256: ${secret}, jwks: 'https://id.example.com/k', issuer: x`,
      /\.jwks has no meaning beside hs256/,
    ],
    [
      'by no algorithm',
      'minbil',
      `${times}, jwks: 'https://i.example.com/k', issuer: x, algorithm: none`,
      /RS256/,
    ],
    [
      'for longer than any of them lives',
      'minbil',
      `until: 2027-06-01, notIssuedAfter: '2027-02-01T06:00:00Z', hs256: ${secret}`,
      /\.until must be at most 90 days after/,
    ],
    [
      'before the cut alone',
      'minbil',
      `until: 2027-01-01, notIssuedAfter: '2027-02-01T06:00:00Z', hs256: ${secret}`,
      /\.until must be after notIssuedAfter/,
    ],
    [
      'for ever',
      'minbil',
      `notIssuedAfter: '2027-02-01T06:00:00Z', hs256: ${secret}`,
      /\.until (is missing|must be)/,
    ],
    [
      'of wolfpal by a signature, which its access tokens have, too',
      'wolfpal',
      `${times}, hs256: ${secret}, sessions: signed`,
      /\.sessions must be one of imported, relay/,
    ],
    [
      'that nobody can ask for',
      'wolfpal',
      `${times}, sessions: relay`,
      /\.sessions cannot be relay beside generic/,
      ", generic: { path: /in, body: { email: '{email}' }, right: { status: 200 }, wrong: { status: 401 } }",
    ],
    ['of a door that has none', 'vastly', `${times}, sessions: imported`, /\.sessions has no meaning here/],
  ]
  for (const [what, door, tokens, problem, more] of refused) {
    it(`are not taken ${what}`, async () => {
      await assert.rejects(read(door, tokens, more), (error: Error) => {
        assert.match(error.message, problem)
        assert.equal(error.message.includes(secret), false)
        return true
      })
    })
  }
})
