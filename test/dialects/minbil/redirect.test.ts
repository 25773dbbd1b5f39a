import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { freshEmail, queryOf, useServer } from '../../harness/harness.ts'
import { assertProblem, post, resetLink, signUp } from './door.ts'

/** On the demo client's list (contracts/minbil.md). */
const registered = 'https://platform.minbil.no/reset-password'

const foreign = {
  'a slash at the end': `${registered}/`,
  'a query': `${registered}?next=1`,
  'an empty query': `${registered}?`,
  'a fragment': `${registered}#x`,
  'an empty fragment': `${registered}#`,
  'another origin': 'https://evil.example/reset-password',
  'another scheme': 'http://platform.minbil.no/reset-password',
  'another port': 'https://platform.minbil.no:8443/reset-password',
  'a longer host': 'https://platform.minbil.no.evil.example/reset-password',
  'a host below it': 'https://x.platform.minbil.no/reset-password',
  'a final dot on the host': 'https://platform.minbil.no./reset-password',
  'another path': 'https://platform.minbil.no/other',
  'a longer path': `${registered}-elsewhere`,
  'a path below it': `${registered}/below`,
  'a path that climbs': `${registered}/../other`,
  'a path that climbs back': 'https://platform.minbil.no/x/../reset-password',
  'no path': 'https://platform.minbil.no',
  'a user': 'https://user@platform.minbil.no/reset-password',
  'a user and a password': 'https://user:password@platform.minbil.no/reset-password',
  'the host as a user': 'https://platform.minbil.no@evil.example/reset-password',
  'the host as a user, with a backslash': 'https://evil.example\\@platform.minbil.no/reset-password',
  'a host in capitals': 'https://PLATFORM.minbil.no/reset-password',
  'a scheme in capitals': 'HTTPS://platform.minbil.no/reset-password',
  'a path in capitals': 'https://platform.minbil.no/Reset-Password',
  'a blank before it': ` ${registered}`,
  'a line break behind it': `${registered}\n`,
  'a tab within': 'https://platform.minbil.no/reset-\tpassword',
  backslashes: 'https:\\\\platform.minbil.no\\reset-password',
  'an escaped character': 'https://platform.minbil.no/reset%2Dpassword',
  'no scheme': '//platform.minbil.no/reset-password',
  'a path alone': '/reset-password',
  'a script': 'javascript:alert(1)',
  'no address at all': 'nonsense',
}

describe('redirect_to of minbil', () => {
  const server = useServer('sqlite')

  const [known, unknown] = [freshEmail(), freshEmail()]
  before(() => signUp(server, known))

  const requests = () => server.log.filter((line) => line.event === 'password.reset_requested').length

  for (const listed of [registered, 'http://localhost:3000/reset-password']) {
    it(`leads to ${listed} with a token of 256 bits`, async () => {
      const email = freshEmail()
      await signUp(server, email)
      const link = await resetLink(server, { email, redirect_to: listed })
      assert.ok(link.startsWith(`${listed}?token=`), link)
      const token = link.slice(`${listed}?token=`.length)
      assert.match(token, /^[\w-]{43,}$/)
      const done = await post(server, '/reset-password', { json: { token, password: 'another-password' } })
      assert.equal(done.status, 200)
    })
  }

  for (const [what, redirect_to] of Object.entries(foreign)) {
    it(`refuses ${what}, whether or not the account exists`, async () => {
      const earlier = requests()
      for (const email of [known, unknown]) {
        const answer = await post(server, '/forgot-password', { json: { email, redirect_to } })
        assertProblem(answer, 400, 'invalid_redirect', 'redirect_to is not a registered address.')
      }
      assert.equal(requests(), earlier)
    })
  }

  it('sends no mail for any of them', async () => {
    const link = await resetLink(server, { email: known })
    const mails = (await server.mailbox()).filter((mail) => /new password/.test(mail.subject))
    const links = mails.filter(({ to }) => to === known || to === unknown).map((mail) => mail.links)
    assert.deepEqual(links, [[link]])
  })

  it('refuses what is no text', async () => {
    for (const redirect_to of [5, [registered], { url: registered }]) {
      const answer = await post(server, '/forgot-password', { json: { email: freshEmail(), redirect_to } })
      assertProblem(answer, 400, 'validation_error', 'redirect_to must be an address.')
    }
  })

  it('leads to the hosted page when it is missing, whatever headers say of the host', async () => {
    const email = freshEmail()
    await signUp(server, email)
    const headers = { 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' }
    await post(server, '/forgot-password', { json: { email }, headers })
    const { links } = await server.mail(email, /new password/)
    assert.equal(links.length, 1)
    assert.equal(links[0], `http://localhost:5000/ui/reset-password?token=${queryOf(links[0], 'token')}`)
  })
})
