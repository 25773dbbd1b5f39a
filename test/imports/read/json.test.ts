import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UnreadableImport } from '../../../src/imports/format.ts'
import { readJsonItems } from '../../../src/imports/read/json-items.ts'
import { readJsonLines } from '../../../src/imports/read/json-lines.ts'
import { readJsonObjects } from '../../../src/imports/read/json-objects.ts'
import { allOf, fileOf } from '../files.ts'

const linesOf = (text: string) => allOf(readJsonLines(fileOf('people.ndjson', text)))
const itemsOf = (text: string) => allOf(readJsonItems(fileOf('people.json', text)))
const objectsOf = (text: string) => allOf(readJsonObjects(fileOf('people.json', text)))

const hostile =
  '{"id":1,"__proto__":{"isAdmin":true},"a":{"constructor":{"prototype":{"x":1}}},"b":[{"__proto__":1}]}'
const rounded = '{"id":12345678901234567890,"small":-42,"half":1.5,"text":"12345678901234567890"}'
const kept = { id: '12345678901234567890', small: -42, half: 1.5, text: '12345678901234567890' }
const deep = `{"id":${'['.repeat(100)}${']'.repeat(100)}}`

describe('a file with a JSON object a line', () => {
  it('loses only the lines that are none', async () => {
    assert.deepEqual(await linesOf('{"id":1}\n\n{"id":\r\n[1]\n"Bjørn"\n{"id":2}\r\n'), [
      { line: 1, value: { id: 1 } },
      { line: 3, refused: 'no JSON' },
      { line: 4, refused: 'no JSON object' },
      { line: 5, refused: 'no JSON object' },
      { line: 6, value: { id: 2 } },
    ])
  })

  it('loses a line of more than 1 MiB, and not the next one', async () => {
    const long = JSON.stringify({ name: 'x'.repeat(1024 * 1024) })
    assert.deepEqual(await linesOf(`${long}\n{"id":1}\n${long}`), [
      { line: 1, refused: 'a line of more than 1 MiB' },
      { line: 2, value: { id: 1 } },
      { line: 3, refused: 'a line of more than 1 MiB' },
    ])
  })
})

describe('a JSON file in one piece', () => {
  it('is read item by item from the array that it is', async () => {
    assert.deepEqual(await itemsOf(' [ {"a":[{"b":1}]},\n 2, null, {} ] '), [
      { line: 1, value: { a: [{ b: 1 }] }, under: undefined },
      { line: 2, refused: 'no JSON object', under: undefined },
      { line: 3, refused: 'no JSON object', under: undefined },
      { line: 4, value: {}, under: undefined },
    ])
  })

  it('loses an item of more than 1 MiB, and not the next one', async () => {
    const long = JSON.stringify({ names: Array(300_000).fill('x'), deep: { name: 'x'.repeat(1024 * 1024) } })
    assert.deepEqual(await itemsOf(`{"users":[${long},{"id":1},${long}]}`), [
      { line: 1, refused: 'an item of more than 1 MiB', under: 'users' },
      { line: 2, value: { id: 1 }, under: 'users' },
      { line: 3, refused: 'an item of more than 1 MiB', under: 'users' },
    ])
  })

  it('is read item by item from the arrays in the object that it is, and from nothing else', async () => {
    const text =
      '{"realm":"acme","deep":{"users":[{"id":0}]},"users":[{"id":1},{"id":2}],"n":[],"roles":[{"id":3}]}'
    assert.deepEqual(await itemsOf(text), [
      { line: 1, value: { id: 1 }, under: 'users' },
      { line: 2, value: { id: 2 }, under: 'users' },
      { line: 1, value: { id: 3 }, under: 'roles' },
    ])
  })

  for (const text of [
    '',
    '3',
    '"Bjørn"',
    '[{"id":1}',
    '{"users":[',
    '[{"id":1}] Bjørn',
    '[{"name":"Bjørn}]',
    '[01]',
  ])
    it(`is refused in words that quote none of it: ${JSON.stringify(text)}`, async () => {
      await assert.rejects(itemsOf(text), (error) => {
        assert.ok(error instanceof UnreadableImport)
        assert.equal(error.message, 'people.json is no JSON array or object, or breaks off')
        return true
      })
    })
})

describe('a JSON object of an import', () => {
  for (const [shape, read] of Object.entries({
    line: linesOf,
    item: (text: string) => itemsOf(`[${text}]`),
  })) {
    const objectIn = async (text: string) => {
      const [entry] = await read(text)
      assert.ok(entry && 'value' in entry)
      return entry.value
    }

    it(`keeps the digits of numbers that would be rounded, as a ${shape}`, async () => {
      assert.deepEqual(await objectIn(rounded), kept)
    })

    it(`changes no prototype, as a ${shape}`, async () => {
      assert.deepEqual(await objectIn(hostile), { id: 1, a: {}, b: [{}] })
    })

    it(`is refused when it is nested deeper than code can follow, as a ${shape}`, async () => {
      const [entry] = await read(deep)
      assert.ok(entry && 'refused' in entry)
      assert.equal(entry.refused, 'JSON that is nested too deep')
    })
  }
})

describe('a JSON file of unknown shape', () => {
  const shapes = {
    'an object a line': '{"id":1,"roles":[{"x":1}]}\n{"id":2}\n',
    'an object a line, the first of which is broken': '{"id":,}\n{"id":1,"roles":[{"x":1}]}\n{"id":2}',
    'an object a line, the first of which is cut off': '{"id":1,"na\n{"id":1,"roles":[{"x":1}]}\n{"id":2}\n',
    'an object a line that begins with an array': '\n{"roles":[{"x":1}],"id":1}\r\n\n{"id":2}\n',
    'an array': '[{"id":1,"roles":[{"x":1}]},{"id":2}]',
    'an array under a key': '{\n"users": [\n{"id":1,"roles":[{"x":1}]},{"id":2}]}',
    'an array under a key, an item a line': '{"users":[\n{"id":1,"roles":[{"x":1}]},\n{"id":2}]}',
    'an array under a key, on one line': '{"users":[{"id":1,"roles":[{"x":1}]},{"id":2}]}',
  }
  for (const [shape, text] of Object.entries(shapes)) {
    it(`is known by its start: ${shape}`, async () => {
      const entries = await objectsOf(text)
      assert.deepEqual(
        entries.flatMap((entry) => ('value' in entry ? [entry.value] : [])),
        [{ id: 1, roles: [{ x: 1 }] }, { id: 2 }],
      )
    })
  }
})
