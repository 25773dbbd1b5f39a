import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { settingsIn, useFolder } from './settings-file.ts'

const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`

describe('hooks in a settings file', () => {
  const { read, problems } = settingsIn(useFolder())
  const realm = (hooks: object) => JSON.stringify({ realms: { main: { hooks } } })

  it('have what is usual where they say nothing', async () => {
    const url = 'https://rules.example.com/in?a=b'
    const { realms } = await read(realm({ beforeSignIn: { url, secret } }))
    assert.deepEqual(realms[0]?.hooks, {
      beforeSignIn: {
        url,
        secret,
        timeoutMs: 2000,
        onFailure: 'refuse',
        allowPrivateAddresses: false,
        claims: [],
      },
    })
    assert.deepEqual((await read('realms: { main: { hooks: } }')).realms[0]?.hooks, {})
  })

  it('refuses what cannot be a hook, and says why', async () => {
    const good = { url: 'https://rules.example.com', secret }
    const wrong: [object, RegExp][] = [
      [{ url: good.url }, /secret is missing/],
      [{ ...good, secret: 'whsec_c2hvcnQ=' }, /secret must be `whsec_`/],
      [{ ...good, url: 'http://rules.example.com' }, /url must begin with https/],
      [{ ...good, url: 'https://10.0.0.1' }, /url is an address to which no request may go/],
      [{ ...good, url: 'https://169.254.169.254', allowPrivateAddresses: true }, /no request may go/],
      [{ ...good, url: 'https://a:b@rules.example.com' }, /no user name and no password/],
      [{ ...good, timeoutMs: 5001 }, /timeoutMs must be a whole number from 100 to 5000/],
      [{ ...good, onFailure: 'ignore' }, /onFailure must be one of refuse, allow/],
      [{ ...good, claims: ['sub'] }, /claims\[0\] must be a claim's name/],
      [{ ...good, claims: ['https://example.com/a b'] }, /must be a claim's name/],
      [{ ...good, nonsense: true }, /nonsense is not a setting/],
    ]
    for (const [hook, why] of wrong)
      assert.match((await problems(realm({ beforeSignIn: hook }))).join('\n'), why, JSON.stringify(hook))
    const claims = ['https://example.com/plan']
    assert.match(
      (await problems(realm({ beforeSignUp: { ...good, claims } }))).join(),
      /claims is not a setting/,
    )
    assert.ok(await read(realm({ beforeSignUp: { ...good, url: 'http://127.0.0.1:9/' } })))
  })
})
