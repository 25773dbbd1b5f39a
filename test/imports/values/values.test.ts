import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { asBase32, asBase64, hexAsBase32, textAsBase32 } from '../../../src/imports/values/bytes.ts'
import { asPlain } from '../../../src/imports/values/mongo.ts'
import { asObject, asObjects } from '../../../src/imports/values/object.ts'
import { asBoolean, asText } from '../../../src/imports/values/text.ts'

describe('a text of an import', () => {
  it('is not there when it stands for nothing', () => {
    for (const value of [
      '',
      '  ',
      'NULL',
      'null',
      '\\N',
      '0000-00-00',
      null,
      undefined,
      {},
      [],
      true,
      Number.NaN,
    ])
      assert.equal(asText(value), undefined)
  })

  it('has no blanks around it, and is otherwise as it was', () => {
    assert.equal(asText(' Bjørn  Null\n'), 'Bjørn  Null')
    assert.equal(asText(42), '42')
    assert.equal(asText('0'), '0')
    assert.equal(asText('null and void'), 'null and void')
  })
})

describe('a boolean of an import', () => {
  it('is read from every spelling', () => {
    for (const value of [true, 'true', 'True', 'TRUE', 't', '1', 1, 'yes'])
      assert.equal(asBoolean(value), true)
    for (const value of [false, 'false', 'False', 'FALSE', 'f', '0', 0, 'no'])
      assert.equal(asBoolean(value), false)
  })

  it('is neither for anything else', () => {
    for (const value of ['', 'NULL', null, 2, '2024-03-01', 'maybe', {}, []])
      assert.equal(asBoolean(value), undefined)
  })
})

describe('an object of an import', () => {
  it('may be a JSON text, which changes no prototype', () => {
    assert.deepEqual(asObject('{"a":1,"__proto__":{"isAdmin":true}}'), { a: 1 })
    assert.deepEqual(asObject({ a: 1 }), { a: 1 })
  })

  it('is not there when it is none, or empty', () => {
    for (const value of ['', '{}', '{', '[1]', 'null', {}, [], null, 1])
      assert.equal(asObject(value), undefined)
    for (const value of [null, {}, 'x', '[{}]']) assert.deepEqual(asObjects(value), [])
    assert.deepEqual(asObjects([{ a: 1 }, null, 'x', [1]]), [{ a: 1 }])
  })
})

describe('bytes of an import', () => {
  it('are read from base64 and base64url, padded or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        const buffer = Buffer.from(bytes)
        const padded = buffer.toString('base64')
        for (const text of [padded, padded.replace(/=+$/, ''), buffer.toString('base64url')])
          assert.deepEqual(asBase64(text), buffer)
      }),
    )
  })

  it('are none of what is written otherwise', () => {
    for (const value of ['', 'a b', 'ab===', '*', '+/-_', null, 7]) assert.equal(asBase64(value), undefined)
  })
})

describe('the secret of an authenticator', () => {
  it('is base32 in capitals, without what people put between', () => {
    assert.equal(asBase32('jbsw y3dp-ehpk 3pxp'), 'JBSWY3DPEHPK3PXP')
    assert.equal(asBase32('MFRGG==='), 'MFRGG')
  })

  it('is told as quickly from a long row of what stands at its end', () => {
    const startedAt = performance.now()
    assert.equal(asBase32(`${'='.repeat(200_000)}!`), undefined)
    assert.ok(performance.now() - startedAt < 2000)
  })

  it('is none when it is not base32', () => {
    for (const value of ['', 'JBSWY3DPEHPK3PX1', 'MFRGGM', 'ÆØÅ', null, 7])
      assert.equal(asBase32(value), undefined)
  })

  it('is made of hexadecimal digits, or of the bytes of a text', () => {
    assert.equal(hexAsBase32('48656c6c6f21deadbeef'), 'JBSWY3DPEHPK3PXP')
    assert.equal(textAsBase32('Hello!'), 'JBSWY3DPEE')
    for (const value of ['', '0', 'xy', null]) assert.equal(hexAsBase32(value), undefined)
    assert.equal(textAsBase32(''), undefined)
  })
})

describe("a value of MongoDB's extended JSON", () => {
  it('is plain JSON afterwards, canonical or relaxed', () => {
    const at = '2024-03-01T08:15:30.123Z'
    const document = {
      _id: { $oid: '65e1c0ffee0000000000a001' },
      times: [{ $date: at }, { $date: 1709280930123 }, { $date: { $numberLong: '1709280930123' } }],
      counts: [{ $numberInt: '4' }, { $numberLong: '12345678901234567890' }, { $numberDouble: '1.5' }, 7],
      deep: { isBanned: false, name: null },
    }
    assert.deepEqual(asPlain(document), {
      _id: '65e1c0ffee0000000000a001',
      times: [at, at, at],
      counts: [4, '12345678901234567890', 1.5, 7],
      deep: { isBanned: false, name: null },
    })
  })

  it('stays as it is when it has no plain form', () => {
    for (const value of [{ $date: 'never' }, { $binary: { base64: '', subType: '00' } }, { $oid: 'x', y: 1 }])
      assert.deepEqual(asPlain(value), value)
  })
})
