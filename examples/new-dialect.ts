import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { manifests } from '../src/dialects/manifests.ts'

/**
 * `npm run new-dialect -- NAME [FOLDER]`: makes a folder with a door of that name, which compiles and passes the contract.
 * It is a copy of `examples/acme`, beside it where no other folder is given.
 */
const root = join(import.meta.dirname, '..')
const template = join(import.meta.dirname, 'acme')

const [name = '', given] = process.argv.slice(2)
const folder =
  given === undefined ? join(import.meta.dirname, name) : resolve(process.env.INIT_CWD ?? '', given)
const problem = problemOf()
if (problem === undefined) {
  make()
  process.stdout.write(nextSteps())
} else {
  process.stderr.write(`${problem}\n`)
  process.exitCode = 1
}

function problemOf(): string | undefined {
  if (!/^[a-z][a-z\d-]{0,31}$/.test(name))
    return 'Usage: npm run new-dialect -- NAME [FOLDER]. NAME is up to 32 small letters, digits and hyphens.'
  if (manifests.some(({ door }) => door.dialect === name))
    return `${name} is the name of a dialect that ships.`
  if (existsSync(folder)) return `${folder} is there already.`
  return undefined
}

function make(): void {
  cpSync(template, folder, { recursive: true, filter: (path) => basename(path) !== 'node_modules' })
  for (const file of readdirSync(folder)) {
    const path = join(folder, file)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replaceAll('acme', name).replaceAll('Acme', titleOf(name)))
  }
  if (!isOutside()) return
  write('package.json', { name, private: true, type: 'module' })
  write('tsconfig.json', compilerOptions())
}

function write(file: string, content: object): void {
  // Arrays in one line, as formatters have them.
  const json = JSON.stringify(content, null, 2).replaceAll(/\[\s+("[^"]*")\s+\]/g, '[$1]')
  writeFileSync(join(folder, file), `${json}\n`)
}

/** `harbor-club` as `Harbor Club` */
function titleOf(name: string): string {
  return name.replaceAll(/(^|-)([a-z\d]?)/g, (_, hyphen, letter) => `${hyphen && ' '}${letter.toUpperCase()}`)
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

function nextSteps(): string {
  const shown = relative(root, folder)
  return `${name} is a door now, in ${shown}. From ${root}:

  npx tsc${isOutside() ? ` -p ${shown}` : ''}
  npm run test:dialect -- ${shown}
  npm start -- --config ${shown}/settings.yaml

docs/dialects.md says how to make its wire yours.
`
}
