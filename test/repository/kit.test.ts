import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, it } from 'node:test'
import { dialects } from '../../src/dialects/registry.ts'
import { importsOf, withoutComments } from './imports.ts'

/**
 * What doors that ship import and `manydoors/dialect` has not, by file and name, and why a door from outside does without.
 * The list may become shorter.
 */
const exceptions = new Map([
  [
    'config/dialect-manifest.ts defineManifest',
    'what configuration reads of a door that ships, without its routes: one from outside is loaded whole',
  ],
  [
    'http/dialect.ts defineDialect',
    'that of the kit takes the manifest, too, and refuses what tests refuse of a door that ships',
  ],
])

/** What docs/dialects.md lets a door read of `ctx`. */
const promisedOfContext = ['client', 'door', 'keys.jwks', 'newId', 'now', 'origin', 'publicUrl', 'realm.name']

const root = join(import.meta.dirname, '..', '..', 'src')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const filesIn = (folder: string) =>
  globSync(`${folder}/*.ts`, { cwd: root }).map((path) => path.replaceAll('\\', '/'))

const kitFiles = filesIn('dialects/kit')
const doorFiles = dialects.flatMap(({ door }) => filesIn(`dialects/${door.dialect}`))

/** Everything that is imported from elsewhere in src/, by file and name. */
function takenBy(path: string, { isExport }: { isExport?: boolean } = {}): string[] {
  const folder = posix.dirname(path)
  return importsOf(read(path))
    .filter((found) => found.from.startsWith('.') && (isExport === undefined || found.isExport === isExport))
    .map((found) => ({ ...found, target: posix.join(folder, found.from) }))
    .filter(({ target }) => posix.dirname(target) !== folder)
    .flatMap(({ target, names }) => names.map((name) => `${target} ${name}`))
}

/** What a source reads of the context of a request. */
function readOfContext(source: string): string[] {
  const code = withoutComments(source)
  const direct = [...code.matchAll(/\bctx\.((?:keys|realm)\.\w+|\w+)/g)].map(([, name = '']) => name)
  const taken = /\{([^{}]*)\}(?:: (?:Context\b|Pick<Context)| = (?:\w+\.)?ctx$)/gm
  const destructured = [...code.matchAll(taken)].flatMap(([, names = '']) =>
    names.split(',').map((name) => name.trim().replace(/[:=\s].*$/s, '')),
  )
  return [...direct, ...destructured.filter((name) => name !== '' && !name.startsWith('...'))]
}

describe('what doors from outside are made of', () => {
  const offered = new Set(kitFiles.flatMap((path) => takenBy(path, { isExport: true })))
  const lacking = new Set(doorFiles.flatMap((path) => takenBy(path)).filter((each) => !offered.has(each)))

  it('is all that the doors that ship are made of', () => {
    assert.ok(doorFiles.length > 50 && offered.size > 150)
    assert.deepEqual(
      [...lacking].filter((each) => !exceptions.has(each)),
      [],
      'export it in src/dialects/kit/, or have the core do it in one function that may be promised',
    )
  })

  it('has no exception that nothing needs', () => {
    assert.deepEqual(
      [...exceptions.keys()].filter((each) => !lacking.has(each)),
      [],
    )
  })

  it('is one entry', () => {
    const entry = importsOf(read('dialects/kit.ts')).map(({ from }) => posix.join('dialects', from))
    assert.deepEqual(entry.sort(), kitFiles.sort())
  })

  it('is told of in the documents', async () => {
    const told = readFileSync(join(root, '..', 'docs', 'dialects.md'), 'utf8')
    const values = Object.keys(await import('manydoors/dialect'))
    assert.ok(values.length > 100)
    assert.deepEqual(
      values.filter((name) => !new RegExp(`\\b${name}\\b`).test(told)),
      [],
    )
  })

  it('lets doors read of the context what is promised', () => {
    const found = doorFiles.flatMap((path) => readOfContext(read(path)).map((name) => `${path} ctx.${name}`))
    const isPromised = (line: string) => promisedOfContext.some((name) => line.endsWith(` ctx.${name}`))
    assert.deepEqual(
      found.filter((line) => !isPromised(line)),
      [],
    )
  })
})

describe('the scanner of what doors take', () => {
  it('finds each name, by its own', () => {
    const source = `
      import { type A, b as c } from '../../core/x.ts'
      import type { D } from '../../core/x.ts'
      import * as all from '../../core/y.ts'
      export { e as f } from '../../core/z.ts'
      // import { g } from '../../core/x.ts'`
    assert.deepEqual(
      importsOf(source).map(({ names, isExport }) => [names, isExport]),
      [
        [['A', 'b'], false],
        [['D'], false],
        [['*'], false],
        [['e'], true],
      ],
    )
  })

  it('finds what is read of a context', () => {
    const source = `
      const { store, client: own } = request.ctx
      function linkOf({ limiter }: Context) { return ctx.door.dialect + ctx.keys.sign() + ctx.now() }
      const { brand } = ctx.client`
    assert.deepEqual(readOfContext(source).sort(), [
      'client',
      'client',
      'door',
      'keys.sign',
      'limiter',
      'now',
      'store',
    ])
  })
})
