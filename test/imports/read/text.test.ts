import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { UnreadableImport } from '../../../src/imports/format.ts'
import { readText } from '../../../src/imports/read/text.ts'
import { allOf, cutAt, fileOf } from '../files.ts'

async function textOf(bytes: Uint8Array, cut?: (bytes: Buffer) => Uint8Array[]): Promise<string> {
  return (await allOf(readText(fileOf('people.csv', bytes, cut)))).join('')
}

function inUtf16(text: string, order: 'LE' | 'BE'): Buffer {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le')
  return order === 'LE' ? bytes : bytes.swap16()
}

const text = 'Bjørn 🚂, ﬁrst\r\n\ufeffÆsa'
const written = {
  'UTF-8': Buffer.from(text),
  'UTF-8 with a byte-order mark': Buffer.from(`\ufeff${text}`),
  'UTF-16LE': inUtf16(text, 'LE'),
  'UTF-16BE': inUtf16(text, 'BE'),
}

describe('the text of an imported file', () => {
  for (const [encoding, bytes] of Object.entries(written)) {
    it(`is read from ${encoding}, packed or not, however it is cut`, async () => {
      for (const packed of [bytes, gzipSync(bytes)])
        await fc.assert(
          fc.asyncProperty(fc.array(fc.nat(200), { maxLength: 30 }), async (places) => {
            assert.equal(await textOf(packed, cutAt(places)), text)
          }),
          { numRuns: 50 },
        )
    })
  }

  it('is empty for no bytes, and for no pieces at all', async () => {
    assert.equal(await textOf(Buffer.of()), '')
    assert.equal(await textOf(Buffer.of(), () => []), '')
  })

  const broken = {
    'Latin-1': Buffer.from('Bjørn', 'latin1'),
    'UTF-8 that is cut off': Buffer.from('Bjø').subarray(0, -1),
    'half a UTF-16 character': inUtf16('Bjørn', 'LE').subarray(0, -1),
    'gzip that is cut off': gzipSync('Bjørn').subarray(0, -9),
    'gzip with other bytes within': Buffer.concat([gzipSync('Bjørn').subarray(0, 12), Buffer.alloc(40, 'x')]),
  }
  for (const [what, bytes] of Object.entries(broken)) {
    it(`is refused in words that quote none of it when it is ${what}`, async () => {
      await assert.rejects(textOf(bytes), (error) => {
        assert.ok(error instanceof UnreadableImport)
        assert.match(error.message, /^people\.csv is /)
        assert.doesNotMatch(error.message, /Bj/)
        return true
      })
    })
  }

  it('passes on what goes wrong on the disk as it is', async () => {
    const failing = {
      name: 'people.csv',
      async *open(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('id,')
        throw new Error('EIO')
      },
    }
    await assert.rejects(allOf(readText(failing)), /^Error: EIO$/)
  })
})
