import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createCookieJar } from '../../src/upstream/cookie-jar.ts'

describe('the cookies of an exchange', () => {
  const jarWith = (...headers: string[]) => {
    const jar = createCookieJar()
    jar.keep(headers)
    return jar
  }

  it('go back as they came, the last one of each name', () => {
    const jar = jarWith('__Host-login=a=b; Path=/; Secure; HttpOnly', 'theme=dark')
    assert.deepEqual(jar.header(), { cookie: '__Host-login=a=b; theme=dark' })
    jar.keep(['theme=light; Expires=Fri, 01 Jan 2100 00:00:00 GMT'])
    assert.deepEqual(jar.header(), { cookie: '__Host-login=a=b; theme=light' })
  })

  it('are forgotten where the server has them forgotten', () => {
    for (const attributes of ['Max-Age=0', 'max-age=-1; Path=/', 'Expires=Thu, 01 Jan 1970 00:00:00 GMT']) {
      const jar = jarWith('login=1', 'other=2')
      jar.keep([`login=; ${attributes}`])
      assert.deepEqual(jar.header(), { cookie: 'other=2' }, attributes)
    }
  })

  it('are twenty at most, and none that is very long or has no name', () => {
    const many = Array.from({ length: 30 }, (_, index) => `c${index}=1`)
    const jar = jarWith(...many)
    jar.keep(many.toReversed())
    assert.equal(jar.header().cookie?.split('; ').length, 20)
    assert.deepEqual(jarWith(`long=${'x'.repeat(5_000)}`, '=1', 'none', '').header(), {})
  })
})
