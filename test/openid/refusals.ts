import assert from 'node:assert/strict'
import * as client from 'openid-client'

/** That the certified library was refused with that error, and with that status. */
export function refusedWith(error: string, status = 400) {
  return (thrown: unknown): boolean => {
    if (thrown instanceof client.WWWAuthenticateChallengeError) {
      assert.equal(thrown.status, 401)
      assert.ok(
        thrown.cause.some(({ parameters }) => parameters.error === error),
        JSON.stringify(thrown.cause),
      )
      return true
    }
    assert.ok(thrown instanceof client.ResponseBodyError, String(thrown))
    assert.equal(thrown.error, error, JSON.stringify(thrown.cause))
    assert.equal(thrown.status, status)
    return true
  }
}
