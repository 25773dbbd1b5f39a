import assert from 'node:assert/strict'
import { it } from 'node:test'
import { everyColumn } from '../../harness/everything.ts'
import { onEveryEngine, useServer } from '../../harness/harness.ts'
import { found, needlesOfPassword, needlesOfToken } from '../../harness/secrets.ts'
import { browse } from '../../pages/visitor.ts'
import {
  beginLogin,
  proveLogin,
  redirectUri,
  refreshTokenOf,
  register,
  reset,
  send,
  tokenMailed,
  validation,
} from './door.ts'

onEveryEngine('what pm2 keeps and logs', (engine) => {
  const server = useServer(engine, { env: { LOG_LEVEL: 'trace' } })

  it('holds none of the secrets of a login, a session or a mail', async () => {
    const person = await register(server)
    const { links } = await server.mail(person.email, validation)
    const resetToken = await tokenMailed(server, { to: person.email, subject: reset }, () =>
      send(server, 'POST', '/reset_password', { json: { email: person.email } }),
    )
    const [open, proven, finished] = [
      await beginLogin(server),
      await beginLogin(server),
      await beginLogin(server),
    ]
    const page = await browse(server, open).open('/ui/sign-in')
    const codes = [await proveLogin(server, proven, person), await proveLogin(server, finished, person)]
    const answer = await server.request('GET', codes[1] ?? '', { headers: { cookie: finished } })

    const tokens = [
      person.access,
      person.refresh,
      refreshTokenOf(answer, redirectUri),
      resetToken,
      links[0]?.split('/').at(-1),
      /name="form" value="([^"]+)"/.exec(page.text)?.[1],
      ...[open, proven, finished].map((cookie) => cookie.split('=')[1]),
      ...codes.map((path) => path.split('code=')[1]),
    ].map((token) => token ?? assert.fail('a secret is missing'))
    for (const token of tokens) assert.ok(token.length >= 43, token)
    const needles = [...tokens.flatMap(needlesOfToken), ...needlesOfPassword(person.password)]

    const columns = await everyColumn(server)
    assert.ok(columns.includes(person.email))
    assert.deepEqual(found(needles, columns), [])
    assert.ok(server.log.length > 0)
    assert.deepEqual(found(needles, Buffer.from(JSON.stringify(server.log))), [])
  })
})
