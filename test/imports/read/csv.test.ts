import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UnreadableImport } from '../../../src/imports/format.ts'
import { readCsv, readCsvColumns, readCsvFields } from '../../../src/imports/read/csv.ts'
import { allOf, fileOf } from '../files.ts'

const rowsOf = (text: string, options = {}) => allOf(readCsv(fileOf('people.csv', text), options))

describe('a CSV file', () => {
  it('is read by the names of its columns, each row with the line on which it begins', async () => {
    const rows = await rowsOf('id, name\r\n1,"Ask, ""Bo""\nline two"\r\n\r\n2,\r\n')
    assert.deepEqual(rows, [
      { line: 2, value: { id: '1', name: 'Ask, "Bo"\nline two' } },
      { line: 5, value: { id: '2', name: '' } },
    ])
  })

  for (const delimiter of [',', ';', '\t']) {
    it(`may have ${JSON.stringify(delimiter)} between its fields`, async () => {
      const line = (...fields: string[]) => `${fields.join(delimiter)}\n`
      assert.deepEqual(await rowsOf(line('id', '"a,b;c;d,,e"', 'f') + line('1', '2', '"3,;\t4"')), [
        { line: 2, value: { id: '1', 'a,b;c;d,,e': '2', f: '3,;\t4' } },
      ])
    })
  }

  it('loses only the row that has too few or too many fields', async () => {
    assert.deepEqual(await rowsOf('id,name\n1\n2,a,b\n3,c'), [
      { line: 2, refused: '1 fields for 2 columns' },
      { line: 3, refused: '3 fields for 2 columns' },
      { line: 4, value: { id: '3', name: 'c' } },
    ])
  })

  it('is read leniently where quotes within a field are not doubled', async () => {
    assert.deepEqual(await rowsOf('id,name,mail\n1,"Ask, "Bo" Bjørn",x\n2,Bo "the" Ask,y'), [
      { line: 2, value: { id: '1', name: '"Ask, "Bo" Bjørn"', mail: 'x' } },
      { line: 3, value: { id: '2', name: 'Bo "the" Ask', mail: 'y' } },
    ])
  })

  it('gives a column that is called __proto__ to nobody else', async () => {
    const [row] = await rowsOf('id,__proto__\n1,{"isAdmin":true}')
    assert.ok(row && 'value' in row)
    assert.deepEqual(Object.keys(row.value), ['id', '__proto__'])
    assert.equal(Object.getPrototypeOf(row.value), Object.prototype)
  })

  const broken = {
    'a column without a name': 'id,,name\n1,2,3',
    'two columns of one name': 'id,name,id\n1,2,3',
    'a quote that is not closed': 'id,name\n1,"Bjørn\n2,Ada\n',
    'a row of more than 1 MiB': `id,name\n1,"${'Bjørn\n'.repeat(200_000)}`,
  }
  for (const [what, text] of Object.entries(broken)) {
    it(`is refused for ${what}, in words that quote nothing`, async () => {
      await assert.rejects(rowsOf(text), (error) => {
        assert.ok(error instanceof UnreadableImport)
        assert.match(error.message, new RegExp(`^people\\.csv has ${what}`))
        assert.doesNotMatch(error.message, /Bj|Ada/)
        return true
      })
    })
  }

  it('has no rows when it is empty', async () => {
    assert.deepEqual(await rowsOf(''), [])
    assert.deepEqual(await readCsvColumns(fileOf('x', '')), [])
  })

  it('tells its columns alone', async () => {
    assert.deepEqual(await readCsvColumns(fileOf('x', 'id,name\n1,"')), ['id', 'name'])
  })

  it('may have no header', async () => {
    assert.deepEqual(await allOf(readCsvFields(fileOf('x', '1,a,\n2,"b,c",\n'))), [
      { line: 1, value: ['1', 'a', ''] },
      { line: 2, value: ['2', 'b,c', ''] },
    ])
  })
})
