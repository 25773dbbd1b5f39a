import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { matchesPattern } from '../../src/http/address-pattern.ts'

const cases: [pattern: string, text: string, matches: boolean][] = [
  ['https://a.example/**', 'https://a.example/', true],
  ['https://a.example/**', 'https://a.example/b/c?d=e.f', true],
  ['https://a.example/**', 'https://a.example.evil/', false],
  ['https://*.a.example/', 'https://b.a.example/', true],
  ['https://*.a.example/', 'https://b.c.a.example/', false],
  ['https://*.a.example/', 'https://evil/.a.example/', false],
  ['https://a.example/*/end', 'https://a.example/b/end', true],
  ['https://a.example/*/end', 'https://a.example/b/c/end', false],
  ['https://a.example/**/x/**/z', 'https://a.example/x/x/y/z', true],
  ['https://a.example/**/x/**/z', 'https://a.example/y/z', false],
  ['https://a.example/a*b*c', 'https://a.example/aXbYbZc', true],
  ['https://a.example/a+(b)*', 'https://a.example/a+(b)c', true],
  ['https://a.example/a+(b)*', 'https://a.example/aab', false],
]

describe('a pattern of addresses', () => {
  for (const [pattern, text, matches] of cases)
    it(`${pattern} ${matches ? 'stands' : 'does not stand'} for ${text}`, () =>
      assert.equal(matchesPattern(pattern, text), matches))

  it('takes no longer for what is made to take long', () => {
    const before = process.cpuUsage()
    assert.equal(matchesPattern('https://a/**/x/**/y/**/z', `https://a${'/x/y'.repeat(500)}`), false)
    assert.ok(process.cpuUsage(before).user < 500_000)
  })
})
