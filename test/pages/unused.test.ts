import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const pages = join(import.meta.dirname, '../../src/pages')

function filesIn(folder: string, ending: RegExp): { name: string; text: string }[] {
  return readdirSync(join(pages, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => ({ name, text: readFileSync(join(pages, folder, name), 'utf8') }))
}

const templates = filesIn('templates', /\.liquid$/)
const scripts = filesIn('assets', /\.js$/)
const textOf = (files: { text: string }[]) => files.map(({ text }) => text).join('\n')

/** The names of classes that rules of a stylesheet are for. */
function classesIn(stylesheet: string): string[] {
  const selectors = stylesheet.replaceAll(/\/\*.*?\*\//gs, '').match(/[^{};]+(?=\{)/g) ?? []
  const found = selectors.flatMap((selector) => [...selector.matchAll(/\.([a-z][\w-]*)/g)])
  return [...new Set(found.map(([, name = '']) => name))]
}

/** Those that no attribute of the files has, nor any script gives; half of a name may be what Liquid puts there. */
function unusedIn(files: { text: string }[], classes: string[]): string[] {
  const used = new Set(
    [...textOf(files).matchAll(/class(?:Name)?="([^"]*)"/g)].flatMap(([, names = '']) =>
      names.replaceAll(/\{[{%].*?[%}]\}/g, ' ').split(/\s+/),
    ),
  )
  const given = textOf(scripts)
  return classes.filter((name) => !used.has(name) && !given.includes(name))
}

describe('what pages are made of', () => {
  it('says every text somewhere', () => {
    // Templates that operators have copied from an earlier release say some that ours do not.
    const copied = filesIn('../../test/pages/old-overrides/pages', /\.liquid$/)
    const said = textOf([...templates, ...copied, ...filesIn('.', /\.ts$/)])
    const locales = filesIn('locales', /\.en\.json$|^en\.json$/)
    const names = locales.flatMap(({ text }) => Object.keys(JSON.parse(text)))
    assert.ok(names.length > 300)
    const unsaid = names.filter((name) => !new RegExp(`(?:\\.|['"])${name}\\b`).test(said))
    assert.deepEqual(unsaid, [])
  })

  it('uses every class of its stylesheets, and hosted pages load none that is for development', () => {
    const isOfDevelopment = ({ name }: { name: string }) => name.startsWith('dev-')
    const style = readFileSync(join(pages, 'templates/style.css'), 'utf8')
    const dev = readFileSync(join(pages, 'assets/dev.css'), 'utf8')
    assert.deepEqual(unusedIn(templates, classesIn(style)), [])
    assert.deepEqual(unusedIn(templates.filter(isOfDevelopment), classesIn(dev)), [])
  })
})
