import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { minbil, register } from '../harness/doors.ts'
import { mailCausedBy, queryOf, type TestServer, useServer } from '../harness/harness.ts'
import { assertPage, open } from './page.ts'

const otherSite = /This form came from another website/
const password = 'unicorn-lamp-violet-stair'

describe('a form of a page', () => {
  const server = useServer('sqlite')

  it('is refused when any other site has sent it', async () => {
    const paths = server.routes.flatMap(({ method, path }) =>
      method === 'POST' && path.startsWith('/ui/') ? [path] : [],
    )
    assert.ok(paths.includes('/ui/sign-in') && paths.includes('/ui/verify-email'), String(paths))
    for (const path of paths) {
      for (const site of ['cross-site', 'same-site']) {
        const refused = await post(server, path, { token: 'x' }, site)
        assertPage(refused, 403)
        assert.match(refused.text, otherSite)
      }
      for (const site of [undefined, 'same-origin', 'none'])
        assert.doesNotMatch(
          (await post(server, path, { token: 'x' }, site)).text,
          otherSite,
          `${path} ${site}`,
        )
    }
  })

  it('consumes nothing then, and can be sent from the page itself', async () => {
    const person = await register(server)
    const { links } = await mailCausedBy(server, { to: person.email, subject: /new password/ }, () =>
      server.request('POST', '/api/co/auth/forgot-password', { json: { email: person.email } }),
    )
    const [link = ''] = links
    const form = { token: queryOf(link, 'token'), password }
    assertPage(await post(server, '/ui/reset-password', form, 'cross-site'), 403)
    assert.equal((await minbil.signIn(server, person)).status, 200)
    assertPage(await open(server, link), 200)
    assertPage(await post(server, '/ui/reset-password', form, 'same-origin'), 200)
    assert.equal((await minbil.signIn(server, { ...person, password })).status, 200)
  })

  it('says so in Norwegian', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'accept-language': 'nb' }
    const refused = await server.request('POST', '/ui/verify-email', { form: { token: 'x' }, headers })
    assertPage(refused, 403)
    assert.match(refused.text, /Skjemaet kom fra et annet nettsted/)
  })

  it('can be linked to from other sites, as mails and apps do', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' }
    assertPage(await server.request('GET', '/ui/reset-password?token=x', { headers }), 404)
    const { status } = await server.request('GET', '/ui/verify-email-done', { headers })
    assert.equal(status, 200)
  })
})

function post(server: TestServer, path: string, form: Record<string, string>, site: string | undefined) {
  const headers: Record<string, string> = site === undefined ? {} : { 'sec-fetch-site': site }
  return server.request('POST', path, { form, headers })
}
