import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { describe, it } from 'node:test'
import { dialects } from '../src/dialects.ts'

/** What a layer may import: paths under src/ (a folder with a slash at its end) and packages. */
interface Layer {
  /** Its folder, or its one file; a star stands for one name. Of several that fit, the first one counts. */
  path: string
  values: string[] | 'everything'
  /** What it may have types of, besides. */
  types?: string[]
  /** Every package, when not given. */
  packages?: string[]
}

/** Only these see a database; the outer layers ask the core. */
const databasePackages = ['kysely', 'pg', 'node:sqlite']

/** Who may import whom. `@own` is the folder of one dialect. */
const layers: Layer[] = [
  {
    path: 'core/',
    values: ['core/', 'lib/', 'store/unavailable.ts'],
    types: ['store/', 'config.ts'],
    packages: ['node:crypto', 'node:module', 'node:url', 'fast-jwt', 'otpauth', 'libphonenumber-js'],
  },
  {
    path: 'store/',
    values: ['store/', 'lib/', 'compact-heap.ts'],
    packages: [
      ...databasePackages,
      'node:crypto',
      'node:events',
      'node:fs',
      'node:timers',
      'node:worker_threads',
    ],
  },
  {
    path: 'delivery/',
    values: ['delivery/', 'core/', 'lib/', 'templates.ts'],
    types: ['store/'],
    packages: ['nodemailer', 'node:net', 'node:path'],
  },
  {
    path: 'http/',
    values: ['http/', 'core/', 'lib/', 'store/unavailable.ts'],
    types: ['config/dialect-manifest.ts'],
  },
  // What configuration reads of the dialects, none of which brings a route along.
  { path: 'dialects/manifests.ts', values: ['dialects/*/manifest.ts'], types: ['config/'], packages: [] },
  {
    path: 'dialects/*/manifest.ts',
    values: ['config/dialect-manifest.ts', 'config/setting-types.ts', 'core/random-text.ts'],
    types: ['core/'],
    packages: ['zod'],
  },
  { path: 'dialects/', values: ['@own', 'core/', 'http/'], types: ['store/'] },
  { path: 'pages/', values: ['pages/', 'core/', 'http/', 'templates.ts'], types: ['store/'] },
  { path: 'oidc/', values: ['oidc/', 'core/', 'http/'], types: ['store/'] },
  { path: 'admin/', values: ['admin/', 'core/', 'http/'], types: ['store/'] },
  { path: 'server.ts', values: 'everything' },
  { path: 'open-core.ts', values: 'everything' },
  { path: 'dialects.ts', values: ['dialects/'], types: ['http/'] },
  { path: 'log.ts', values: ['repeated-failures.ts'], types: ['config.ts'], packages: ['pino'] },
  { path: 'repeated-failures.ts', values: [] },
  {
    path: 'maintenance-tasks.ts',
    values: ['core/', 'store/pruning.ts', 'store/purge-wal.ts'],
    types: ['maintenance.ts', 'store/'],
    packages: ['node:timers'],
  },
  { path: 'maintenance.ts', values: [], types: ['core/'] },
  { path: 'database-file.ts', values: [], types: ['store/'] },
  { path: 'cli/', values: 'everything' },
  { path: 'main.ts', values: ['thread-pool.ts', 'cli/'] },
  {
    path: 'config.ts',
    values: ['config/'],
    packages: [],
  },
  {
    path: 'config/',
    values: [
      'config/',
      'dialects/manifests.ts',
      'lib/',
      'core/hashing.ts',
      'core/limits.ts',
      'core/password-policy.ts',
      'core/pruning.ts',
    ],
    types: ['core/', 'delivery/', 'limits/', 'store/'],
    packages: ['node:fs', 'node:path', 'nodemailer', 'yaml', 'zod'],
  },
  { path: 'thread-pool.ts', values: [], packages: ['node:os'] },
  { path: 'compact-heap.ts', values: [], packages: ['node:v8', 'node:vm'] },
  { path: 'realm-app.ts', values: 'everything' },
  { path: 'announce.ts', values: [], types: ['server.ts'] },
  { path: 'master-key.ts', values: ['config.ts', 'lib/'], types: ['core/'] },
  { path: 'key-tasks.ts', values: ['core/'], types: ['maintenance.ts', 'store/'] },
  {
    path: 'strength/',
    values: ['strength/', 'core/', 'fair-queue.ts'],
    packages: ['node:worker_threads', '@zxcvbn-ts/core', '@zxcvbn-ts/language-common'],
  },
  { path: 'fair-queue.ts', values: ['core/', 'lib/'] },
  { path: 'hasher.ts', values: ['core/', 'fair-queue.ts'] },
  {
    path: 'observation/',
    values: ['observation/', 'core/', '../package.json'],
    types: ['config.ts', 'config/', 'delivery/', 'hasher.ts', 'http/', 'store/'],
    packages: [
      'prom-client',
      '@opentelemetry/api',
      '@opentelemetry/core',
      '@opentelemetry/exporter-trace-otlp-proto',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-trace',
      'node:async_hooks',
      'node:cluster',
      'node:http',
    ],
  },
  { path: 'limits/', values: ['limits/', 'core/', 'lib/'] },
  // Could be packages of their own.
  { path: 'lib/', values: ['lib/'], packages: ['ipaddr.js', 'node:net'] },
  { path: 'all-templates.ts', values: ['config.ts', 'delivery/render.ts', 'pages/render.ts'] },
  { path: 'templates.ts', values: [], packages: ['liquidjs', 'node:path', 'node:fs'] },
]

/** Where the outside comes in: time, chance, the environment, the network. */
const compositionRoot = [
  'server.ts',
  'open-core.ts',
  'main.ts',
  'thread-pool.ts',
  'config.ts',
  'store/sqlite.ts',
  'store/postgres.ts',
]

const impurities = [
  { what: 'Date.now', pattern: /\bDate\s*\.\s*now\b/ },
  { what: 'new Date() without argument', pattern: /\bnew\s+Date\b(?!\s*\(\s*[^)\s])/ },
  { what: 'Math.random', pattern: /\bMath\s*\.\s*random\b/ },
  {
    what: 'random numbers of node:crypto',
    pattern: /\bimport\b[^'"]*\brandom\w+[^'"]*['"](node:)?crypto['"]/,
  },
  { what: 'random numbers of crypto', pattern: /\bcrypto\s*\.\s*(random|getRandom)/ },
  {
    what: 'process.env',
    pattern: /\bprocess\s*(\?\.|\.|\[)\s*['"]?env\b|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/,
  },
  { what: 'global fetch', pattern: /(?<![\w.#])fetch\s*\(|\bglobalThis\s*\.\s*fetch\b/ },
]
/** Commands for which a process is the point. */
const ofProcess = /^cli\/(worker|workers|stop-signals|last-words|doctor\/\w[\w-]*)\.ts$/
const processUse = { what: 'process', pattern: /(?<![\w.'"])process\s*(\?\.|\.|\[)|['"](node:)?process['"]/ }

const root = join(dirname(import.meta.dirname), 'src')
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'))

const dialectNames = dialects.map(({ door }) => door.dialect)
const dialectName = new RegExp(dialectNames.join('|'), 'i')

interface Import {
  from: string
  isType: boolean
}

/** What a source text imports, statically, dynamically or to export it again. */
function importsOf(source: string): Import[] {
  const code = withoutComments(source)
  const statement = /^[ \t]*(?:import|export)\b\s*([^'"`;()=]*?\bfrom\s*)?['"]([^'"]+)['"]/gm
  const dynamic = /\bimport\s*\(\s*['"`]([^'"`]+)['"`]/g
  return [
    ...[...code.matchAll(statement)].map(([, clause = '', from = '']) => ({
      from,
      isType: isTypeOnly(clause),
    })),
    ...[...code.matchAll(dynamic)].map(([, from = '']) => ({ from, isType: false })),
  ]
}

/** `type { A }`, or `{ type A, type B }`: nothing of it is left at run time that matters. */
function isTypeOnly(clause: string): boolean {
  if (/^type\b(?!\s*(,|from\b))/.test(clause)) return true
  const names = /^\{([^}]*)\}\s*from\s*$/
    .exec(clause)?.[1]
    ?.split(',')
    .map((name) => name.trim())
  return names?.filter(Boolean).every((name) => name.startsWith('type ')) ?? false
}

/** Strings are passed over, so that an address in one is no comment. */
function withoutComments(source: string): string {
  const token = /('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g
  return source.replace(token, (_, text = '') => text)
}

/** Everything that is wrong with a file of src/, in words. */
function violationsOf(path: string, source: string): string[] {
  const layer = layers.find((layer) => isWithin(path, layer.path))
  if (!layer) return [`${path} belongs to no layer`]
  return [
    ...importsOf(source)
      .filter((found) => !isAllowed(layer, path, found))
      .map(({ from, isType }) => `${path} imports ${isType ? 'types of' : 'from'} ${from}`),
    ...forbiddenWords(path, withoutComments(source)).map((word) => `${path} has ${word}`),
    ...(isBarrel(path, source) ? [`${path} is a barrel file`] : []),
  ]
}

function isAllowed({ values, types = [], packages }: Layer, path: string, found: Import): boolean {
  if (values === 'everything') return true
  if (!found.from.startsWith('.')) {
    const name = /^(@[^/]+\/[^/]+|[^/]+)/.exec(found.from)?.[0] ?? ''
    return packages ? packages.includes(name) : !databasePackages.includes(name)
  }
  const target = posix.join(posix.dirname(path), found.from)
  const own = path.split('/').slice(0, 2).join('/')
  return [...values, ...(found.isType ? types : [])]
    .map((allowed) => (allowed === '@own' ? `${own}/` : allowed))
    .some((allowed) => isWithin(target, allowed))
}

/** Whether a path is that of a file, or below that of a folder. */
function isWithin(path: string, place: string): boolean {
  const escaped = place.replaceAll('.', '\\.').replaceAll('*', '[^/]+')
  return new RegExp(`^${escaped}${place.endsWith('/') ? '' : '$'}`).test(path)
}

function forbiddenWords(path: string, code: string): string[] {
  const isRoot = compositionRoot.includes(path)
  const rules = [
    ...(isRoot ? [] : impurities),
    ...(isRoot || ofProcess.test(path) ? [] : [processUse]),
    ...(/^(core|store)\//.test(path) ? [{ what: "a dialect's name", pattern: dialectName }] : []),
  ]
  return rules.filter(({ pattern }) => pattern.test(code)).map(({ what }) => what)
}

function isBarrel(path: string, source: string): boolean {
  const isIndex = /(^|\/)index\.ts$/.test(path) && !/^dialects\/[^/]+\/index\.ts$/.test(path)
  return isIndex || /^[ \t]*export\s*(type\s*)?\*/m.test(withoutComments(source))
}

describe('the layers of src/', () => {
  it('are all there to be looked at', () => {
    for (const path of [
      'main.ts',
      'core/sign-in.ts',
      'store/migrations/001-core.ts',
      'dialects/minbil/routes.ts',
    ])
      assert.ok(files.includes(path), path)
  })

  it('import only what they may, and have time, chance and the environment only where they come in', () => {
    const violations = files.flatMap((path) => violationsOf(path, readFileSync(join(root, path), 'utf8')))
    assert.deepEqual(violations, [])
  })
})

describe('the scanner of layers', () => {
  const broken: Record<string, [path: string, source: string]> = {
    'core imports from fastify': ['core/x.ts', `import fastify from 'fastify'`],
    'core imports from kysely': ['core/x.ts', `import {\n  sql,\n  type Kysely,\n} from 'kysely'`],
    'core imports from ../store/store.ts': ['core/x.ts', `import { realmStore } from '../store/store.ts'`],
    'core imports from ../store/jobs.ts': ['core/x.ts', `const { jobs } = await import('../store/jobs.ts')`],
    'core imports from ../http/fields.ts': ['core/x.ts', `import '../http/fields.ts'`],
    'core imports types of fastify': ['core/x.ts', `import type { FastifyRequest } from 'fastify'`],
    'core has process': ['core/x.ts', `if (process.platform === 'win32') exit()`],
    "core has a dialect's name": ['core/x.ts', `if (dialect === 'pm2') return`],
    'store imports types of ../core/errors.ts': [
      'store/x.ts',
      `import { type AuthError } from '../core/errors.ts'`,
    ],
    'delivery imports from ../store/jobs.ts': [
      'delivery/x.ts',
      `import { type Jobs, jobs } from '../store/jobs.ts'`,
    ],
    'dialects imports from ../minbil/errors.ts': [
      'dialects/pm2/x.ts',
      `export { errors } from '../minbil/errors.ts'`,
    ],
    'dialects imports from ../../store/store.ts': [
      'dialects/pm2/x.ts',
      `import { a } from "../../store/store.ts"`,
    ],
    'dialects imports from ./routes.ts': ['dialects/pm2/manifest.ts', `import { routes } from './routes.ts'`],
    'config imports from ../dialects/pm2/index.ts': [
      'config/x.ts',
      `import { pm2 } from '../dialects/pm2/index.ts'`,
    ],
    'pages imports from ../dialects/pm2/index.ts': [
      'pages/x.ts',
      `import { pm2 } from '../dialects/pm2/index.ts'`,
    ],
    'http imports from pg': ['http/x.ts', `import pg from 'pg'`],
    'http imports from ../store/store.ts': ['http/x.ts', `import { realmStore } from '../store/store.ts'`],
    'http is a barrel file': ['http/index.ts', ''],
    'core is a barrel file': ['core/x.ts', `export * from './errors.ts'`],
    'other belongs to no layer': ['other/x.ts', ''],
    'pages has Date.now': ['pages/x.ts', 'const now = overrides ?? Date.now'],
    'pages has new Date() without argument': ['pages/x.ts', 'const now = new Date( )'],
    'pages has Math.random': ['pages/x.ts', 'const dice = Math.random()'],
    'http has random numbers of node:crypto': ['http/x.ts', `import {\n  randomBytes } from 'node:crypto'`],
    'http has process.env': ['http/x.ts', 'const { env } = process'],
    'cli has process.env': ['cli/worker.ts', 'const port = process.env.PORT'],
    'cli has process': ['cli/print.ts', 'process.stdout.write(text)'],
    'http has global fetch': ['http/x.ts', 'await fetch(url)'],
  }

  for (const [expected, [path, source]] of Object.entries(broken)) {
    it(`finds that ${expected}`, () => {
      const found = violationsOf(path, source).map((words) => words.replace(/^(\w+)\/\S+/, '$1'))
      assert.ok(found.includes(expected), `found ${JSON.stringify(found)}`)
    })
  }

  it('passes what is allowed', () => {
    const source = `
      import { createHmac } from 'node:crypto'
      import type { Store } from '../store/store.ts'
      import { type Realm, transaction } from './context.ts'
      // Date.now() is for server.ts; minbil and process.env are only spoken of here
      const link = 'https://example.com' /* fetch(link) */
      const day = new Date(ctx.now()), bytes = ctx.randomBytes(8), row = await store.fetch(day)`
    assert.deepEqual(violationsOf('core/x.ts', source), [])
    assert.deepEqual(violationsOf('main.ts', `process.exitCode = 1; await import('./cli/program.ts')`), [])
    assert.deepEqual(violationsOf('server.ts', `import { sql } from 'kysely'; const now = Date.now`), [])
  })
})
