import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UnreadableImport } from '../../../src/imports/format.ts'
import { readCopyBlocks } from '../../../src/imports/read/copy-blocks.ts'
import { allOf, fileOf } from '../files.ts'

const rowsOf = (text: string) => allOf(readCopyBlocks(fileOf('dump.sql', text)))

describe('an SQL file of pg_dump', () => {
  it('is read block by block, and nothing between them', async () => {
    const rows = await rowsOf(
      'SET x = 1;\n\nCOPY auth.users (id, "Name") FROM stdin;\n1\tAda\n\\.\n\nSELECT 1;\n' +
        'COPY "auth"."identities" ("id") FROM stdin WITH (FORMAT text);\r\n2\r\n\\.\r\nCOPY auth.empty (id) FROM stdin;\n\\.\n',
    )
    assert.deepEqual(rows, [
      { line: 4, value: { id: '1', Name: 'Ada' }, table: 'auth.users' },
      { line: 9, value: { id: '2' }, table: 'auth.identities' },
    ])
  })

  it('is read as quickly where a line only begins like a block', async () => {
    const startedAt = performance.now()
    assert.deepEqual(await rowsOf(`copy ${'('.repeat(200_000)}\n`), [])
    assert.ok(performance.now() - startedAt < 2000)
  })

  it('tells NULL from an empty text and from a backslash with an N', async () => {
    assert.deepEqual(await rowsOf('COPY t (a, b, c) FROM stdin;\n\\N\t\t\\\\N\n\\.\n'), [
      { line: 2, value: { a: null, b: '', c: '\\N' }, table: 't' },
    ])
  })

  it('has every character that COPY escapes', async () => {
    const [row] = await rowsOf(
      'COPY t (a) FROM stdin;\n\\b\\f\\n\\r\\t\\v\\\\n\\"\\303\\270\\xe2\\x82\\xac\\141\n\\.\n',
    )
    assert.ok(row && 'value' in row)
    assert.equal(row.value.a, '\b\f\n\r\t\v\\n"ø€a')
  })

  it('loses only the row that has too few or too many fields', async () => {
    assert.deepEqual(await rowsOf('COPY t (a, b) FROM stdin;\n1\n2\t3\t4\n5\t6\n\\.\n'), [
      { line: 2, refused: '1 fields for 2 columns', table: 't' },
      { line: 3, refused: '3 fields for 2 columns', table: 't' },
      { line: 4, value: { a: '5', b: '6' }, table: 't' },
    ])
  })

  it('is refused when it breaks off, after all rows that it has', async () => {
    const rows = readCopyBlocks(fileOf('dump.sql', 'COPY t (a) FROM stdin;\n1\n'))
    assert.deepEqual((await rows.next()).value, { line: 2, value: { a: '1' }, table: 't' })
    await assert.rejects(rows.next(), new UnreadableImport('dump.sql breaks off within the table t'))
  })

  it('is refused with a hint when it has INSERT statements', async () => {
    await assert.rejects(
      rowsOf(`INSERT INTO auth.users VALUES ('Bjørn');\n`),
      (error) =>
        error instanceof UnreadableImport && /with COPY/.test(error.message) && !/Bj/.test(error.message),
    )
  })
})
