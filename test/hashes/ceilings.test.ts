import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readHash } from '../../src/hashes/read-hash.ts'
import { isSame } from '../../src/hashes/same-bytes.ts'

const salt = 'c2FsdHNhbHRzYWx0'
const digest = 'aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g'
const crypt = 'a'.repeat(85)

/** The dearest of each kind that is checked, then one that costs more, or less than there is, with the reason. */
const edges: [dearest: string, refused: string, reason: string][] = [
  [bcrypt('14'), bcrypt('15'), 'bcrypt of cost 15'],
  [bcrypt('04'), bcrypt('03'), 'bcrypt of cost 3'],
  [argon2('m=262144,t=16,p=16'), argon2('m=262145,t=16,p=16'), 'argon2id of m=262145, t=16, p=16'],
  [argon2('m=128,t=1,p=16'), argon2('m=127,t=1,p=16'), 'argon2id of m=127, t=1, p=16'],
  [argon2('m=128,t=16,p=1'), argon2('m=128,t=17,p=1'), 'argon2id of m=128, t=17, p=1'],
  [argon2('m=1024,t=1,p=16'), argon2('m=1024,t=1,p=17'), 'argon2id of m=1024, t=1, p=17'],
  [scrypt('ln=17,r=8,p=16'), scrypt('ln=18,r=8,p=16'), 'scrypt of N=2^18, r=8, p=16'],
  [scrypt('ln=16,r=16,p=1'), scrypt('ln=16,r=17,p=1'), 'scrypt of N=2^16, r=17, p=1'],
  [scrypt('ln=14,r=8,p=16'), scrypt('ln=14,r=8,p=17'), 'scrypt of N=2^14, r=8, p=17'],
  [scrypt('ln=15,r=1,p=1'), scrypt('ln=16,r=1,p=1'), 'scrypt of N=2^16, r=1, p=1'],
  [pbkdf2('i=2000000'), pbkdf2('i=2000001'), 'pbkdf2-sha256 of 2000001 iterations'],
  [scram('2000000'), scram('2000001'), 'pbkdf2-sha256 of 2000001 iterations'],
  [shaCrypt('1000000'), shaCrypt('1000001'), 'sha512-crypt of 1000001 rounds'],
  [shaCrypt('1000'), shaCrypt('999'), 'sha512-crypt of 999 rounds'],
  ['$P$Isaltsalt'.padEnd(34, '.'), '$P$Jsaltsalt'.padEnd(34, '.'), 'phpass of 2^21 rounds'],
  ['$P$5saltsalt'.padEnd(34, '.'), '$P$4saltsalt'.padEnd(34, '.'), 'phpass of 2^6 rounds'],
  ['$S$Isaltsalt'.padEnd(55, '.'), '$S$Jsaltsalt'.padEnd(55, '.'), 'drupal7 of 2^21 rounds'],
  [rounds('100000'), rounds('100001'), 'sha256 of 100001 rounds'],
]

describe('What a foreign hash may cost', () => {
  for (const [dearest, refused, reason] of edges)
    it(`ends before ${reason}`, () => {
      assert.doesNotThrow(() => readHash(dearest))
      assert.throws(() => readHash(refused), { name: 'UnusableHash', reason })
    })

  it('grows with its parameters, and is about what was measured', () => {
    const measured: [text: string, ms: number][] = [
      [bcrypt('12'), 215],
      [bcrypt('14'), 862],
      [argon2('m=65536,t=4,p=1'), 92],
      [scrypt('ln=16,r=8,p=1'), 209],
      [scrypt('ln=14,r=16,p=1'), 88],
      [pbkdf2('i=600000'), 83],
      [shaCrypt('5000'), 18],
    ]
    for (const [text, ms] of measured) {
      const { costMs } = readHash(text)
      assert.ok(costMs > ms * 0.8 && costMs < ms * 1.2, `${text}: ${costMs} ms`)
    }
  })

  it('cannot be told twice, in signs, or in other digits', () => {
    for (const cost of ['i=1,i=1', 'i=-1', 'i=+1', 'i=1e3', 'i=0x10', 'i=1.5', 'i=01', 'i= 1', 'i=٣', 'i='])
      assert.throws(() => readHash(pbkdf2(cost)), { name: 'UnusableHash' }, cost)
    for (const parameters of ['algorithm=md5,algorithm=md5', 'algorithm=md5,other=1', 'algorithm=__proto__'])
      assert.throws(() => readHash(`$md$digest$${parameters},format=e3Bhc3N3b3JkfQ$X03MO1qnZdYdgyfeuILPmQ`), {
        name: 'UnusableHash',
      })
  })
})

describe('Two digests', () => {
  it('are the same when all bytes are, and when there are any', () => {
    assert.equal(isSame(Buffer.from('ab'), Buffer.from('ab')), true)
    assert.equal(isSame(Buffer.from('ab'), Buffer.from('ac')), false)
    assert.equal(isSame(Buffer.from('ab'), Buffer.from('abc')), false)
    assert.equal(isSame(Buffer.of(), Buffer.of()), false)
  })
})

function bcrypt(cost: string): string {
  return `$2b$${cost}$abcdefghijklmnopqrstuukS31SNuNEoGSYTPCfyZV8d2iX4qVmTa`
}

function argon2(cost: string): string {
  return `$argon2id$v=19$${cost}$${salt}$${digest}`
}

function scrypt(cost: string): string {
  return `$scrypt$${cost}$${salt}$${digest}`
}

function pbkdf2(cost: string): string {
  return `$pbkdf2-sha256$${cost},l=32$${salt}$${digest}`
}

function scram(iterations: string): string {
  return `SCRAM-SHA-256$${iterations}:${salt}$${digest}:${digest}`
}

function shaCrypt(rounds: string): string {
  return `$6$rounds=${rounds}$salt$${crypt}.`
}

/** Of `StandardPasswordEncoder`, but with other rounds. */
function rounds(rounds: string): string {
  return `$md$digest$algorithm=sha256,format=e3NhbHR9e3Bhc3N3b3JkfQ,salt=c2FsdA,rounds=${rounds}$${digest}`
}
