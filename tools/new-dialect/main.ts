import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { manifests } from '../../src/dialects/manifests.ts'
import { mark, titleOf } from './source.ts'
import { doorFrom, openPlaces, type Written, writeDoor } from './write-draft.ts'

/**
 * `npm run new-dialect -- NAME [FOLDER] [--from FILE]`: makes a folder with a door of that name, which compiles. It is a copy
 * of `examples/acme`, beside it where no other folder is given, and passes the contract; with `--from`, its routes and
 * words are those of a recording or of a document, as far as that tells.
 */
const root = join(import.meta.dirname, '..', '..')
const examples = join(root, 'examples')
const template = join(examples, 'acme')

const usage =
  'Usage: npm run new-dialect -- NAME [FOLDER] [--from openapi.yaml|recorded.har]. NAME is up to 32 small letters, digits and hyphens.'

const { positionals, values } = readArguments()
const [name = '', given] = positionals
const folder = given === undefined ? join(examples, name) : fromHere(given)

try {
  const problem = problemOf()
  if (problem !== undefined) throw new Error(problem)
  // Before anything is written: a file that cannot be read leaves nothing behind.
  const written = values.from === undefined ? undefined : doorFrom(name, fromHere(values.from))
  make(written)
  process.stdout.write(nextSteps(written))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}

function readArguments() {
  try {
    return parseArgs({ allowPositionals: true, options: { from: { type: 'string' } } })
  } catch {
    return { positionals: [], values: {} as { from?: string } }
  }
}

function fromHere(path: string): string {
  return resolve(process.env.INIT_CWD ?? '', path)
}

function problemOf(): string | undefined {
  if (!/^[a-z][a-z\d-]{0,31}$/.test(name)) return usage
  if (manifests.some(({ door }) => door.dialect === name))
    return `${name} is the name of a dialect that ships.`
  if (existsSync(folder)) return `${folder} is there already.`
  return undefined
}

function make(written: Written | undefined): void {
  cpSync(template, folder, { recursive: true, filter: (path) => basename(path) !== 'node_modules' })
  for (const file of readdirSync(folder)) {
    const path = join(folder, file)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replaceAll('acme', name).replaceAll('Acme', titleOf(name)))
  }
  if (written) writeDoor(folder, written)
  if (!isOutside()) return
  write('package.json', { name, private: true, type: 'module' })
  write('tsconfig.json', compilerOptions())
}

function write(file: string, content: object): void {
  // Arrays in one line, as formatters have them.
  const json = JSON.stringify(content, null, 2).replaceAll(/\[\s+("[^"]*")\s+\]/g, '[$1]')
  writeFileSync(join(folder, file), `${json}\n`)
}

/** Within the repository it compiles as everything does. */
function isOutside(): boolean {
  return relative(root, folder).startsWith('..')
}

/** So that a folder anywhere compiles against this repository. */
function compilerOptions() {
  const from = (path: string) => relative(folder, join(root, path))
  return {
    extends: from('tsconfig.json'),
    compilerOptions: {
      typeRoots: [from('node_modules/@types')],
      paths: {
        'manydoors/dialect': [from('src/dialects/kit.ts')],
        'manydoors/contract': [from('test/contract/kit.ts')],
      },
    },
    include: ['.'],
    exclude: ['node_modules'],
  }
}

function nextSteps(written: Written | undefined): string {
  const shown = relative(root, folder)
  return `${name} is a door now, in ${shown}. From ${root}:

  npx tsc${isOutside() ? ` -p ${shown}` : ''}
  npm run test:dialect -- ${shown}
  npm start -- --config ${shown}/settings.yaml

docs/dialects.md says how to make its wire yours.
${written ? decisions(written) : ''}`
}

function decisions({ passedOver }: Written): string {
  const open = openPlaces(folder)
  const note =
    passedOver > 0 ? `${passedOver} of the recording's requests were to other places, and passed over.\n` : ''
  return `${note}
${open.length} places are left to decide, marked with ${mark}:

${open.map((place) => `  ${place}`).join('\n')}
`
}
