import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { freshEmail, onEveryEngine, useServer } from '../../harness/harness.ts'
import { ask, codeIn, mailFor, password, signUp, tokenIn, verify } from './mails.ts'

onEveryEngine('mails of gotrue', (engine) => {
  const server = useServer(engine)

  describe('a sign-up', () => {
    it('is confirmed by the code', async () => {
      const email = freshEmail()
      const mail = await signUp(server, email)
      const answer = await verify(server, { type: 'signup', email, token: codeIn(mail) })
      assert.equal(answer.status, 200, answer.text)
      assert.equal(answer.body.user.email, email)
      assert.ok(answer.body.user.email_confirmed_at)
      assert.equal((await ask(server, answer.body.access_token)).status, 200)
      const again = await verify(server, { type: 'signup', email, token: codeIn(mail) })
      assert.equal(again.status, 403)
      assert.equal(again.body.error_code, 'otp_expired')
      assert.equal(again.body.msg, 'Token has expired or is invalid')
    })

    it('is confirmed by the link', async () => {
      const email = freshEmail()
      const token_hash = tokenIn(await signUp(server, email))
      const answer = await verify(server, { type: 'email', token_hash })
      assert.equal(answer.status, 200, answer.text)
      const again = await verify(server, { type: 'email', token_hash })
      assert.equal(again.status, 403)
      assert.equal(again.body.msg, 'Email link is invalid or has expired')
    })
  })
})
