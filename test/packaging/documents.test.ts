import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, it } from 'node:test'

const root = join(import.meta.dirname, '..', '..')
const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root }).sort()
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** A document without its blocks of code, whose lines may look like anything. */
const withoutCode = (text: string) => text.replaceAll(/^ *```.*?^ *```$/gms, '')

/** The names of a document's headings, as forges make them for links. */
function anchorsOf(path: string): string[] {
  return [...withoutCode(read(path)).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\- ]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** What a document links to in this repository and is not there. */
function brokenLinksOf(path: string): string[] {
  const links = [...withoutCode(read(path)).matchAll(/\]\((?!\w+:)([^)\s]*)\)/g)].map(([, link = '']) => link)
  return links.filter((link) => {
    const [file = '', anchor] = link.split('#')
    const target = file === '' ? path : normalize(join(dirname(path), file))
    if (!existsSync(join(root, target))) return true
    return anchor !== undefined && !anchorsOf(target).includes(anchor)
  })
}

/** The files and folders that a document names by their whole path and that are not there. */
function missingPathsOf(path: string): string[] {
  const named = [
    ...withoutCode(read(path)).matchAll(
      /`((?:src|test|test-long|bench|bin|docs|deploy|examples|tools)\/[\w./-]*)`/g,
    ),
  ]
  const paths = named.map(([, path = '']) => path).filter((path) => !path.includes('NNN'))
  return paths.filter((path) => !existsSync(join(root, path)))
}

describe('the documents', () => {
  for (const path of documents) {
    it(`of ${path} have no dead link`, () => {
      assert.deepEqual({ links: brokenLinksOf(path), paths: missingPathsOf(path) }, { links: [], paths: [] })
    })
  }

  it('are all reachable from README.md', () => {
    const found = new Set(['README.md'])
    for (const path of found)
      for (const [, link = ''] of read(path).matchAll(/\]\((?!\w+:)([^)#\s]+\.md)/g))
        found.add(normalize(join(dirname(path), link)))
    assert.deepEqual(
      documents.filter((path) => !found.has(path)),
      [],
    )
  })
})
