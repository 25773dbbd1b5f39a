import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, it } from 'node:test'
import { dialects } from '../../src/dialects/registry.ts'
import { type Import, importsOf, withoutComments } from './imports.ts'

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

/** What surfaces that people and programs meet are made of; none of them knows another one. */
const surface = ['core/', 'http/', 'lib/']

/** How an old server is asked as it is described; it sends nothing itself. */
const generic = ['upstream/generic.ts', 'upstream/generic-settings.ts']

/** Who may import whom. `@own` is the folder of one dialect. */
const layers: Layer[] = [
  { path: 'main.ts', values: ['lib/', 'cli/'] },
  { path: 'server/', values: 'everything' },
  { path: 'cli/', values: 'everything' },
  {
    path: 'core/',
    values: ['core/', 'lib/', 'store/unavailable.ts'],
    types: ['store/'],
    packages: [
      'node:crypto',
      'node:module',
      'node:url',
      'fast-jwt',
      'otpauth',
      'libphonenumber-js',
      '@simplewebauthn/server',
    ],
  },
  {
    path: 'store/',
    values: ['store/', 'lib/'],
    packages: [
      ...databasePackages,
      'node:crypto',
      'node:events',
      'node:fs',
      'node:path',
      'node:timers',
      'node:worker_threads',
    ],
  },
  {
    path: 'delivery/',
    values: ['delivery/', 'core/', 'lib/'],
    types: ['store/'],
    packages: ['nodemailer', 'node:net', 'node:path'],
  },
  {
    path: 'http/',
    values: ['http/', 'core/', 'lib/', 'store/unavailable.ts'],
    types: ['config/dialect-manifest.ts'],
  },
  { path: 'dialects/registry.ts', values: ['dialects/'], types: ['http/'], packages: [] },
  // What configuration reads of the dialects, none of which brings a route along.
  { path: 'dialects/manifests.ts', values: ['dialects/*/manifest.ts'], types: ['config/'], packages: [] },
  // What doors from outside are made of: they see no more of the server.
  { path: 'dialects/kit.ts', values: ['dialects/kit/'], packages: [] },
  {
    path: 'dialects/kit/',
    values: [
      'config/dialect-manifest.ts',
      'config/redirect-patterns.ts',
      'config/service-key-settings.ts',
      'config/setting-types.ts',
      'core/',
      'http/',
      ...generic,
    ],
    packages: ['zod', 'fastify'],
  },
  {
    path: 'dialects/*/manifest.ts',
    values: [
      'config/dialect-manifest.ts',
      'config/service-key-settings.ts',
      'config/setting-types.ts',
      'config/redirect-patterns.ts',
      'core/keys/random-text.ts',
      'upstream/generic-settings.ts',
    ],
    types: ['core/'],
    packages: ['zod'],
  },
  { path: 'dialects/', values: ['@own', 'core/', 'http/', ...generic] },
  { path: 'pages/', values: ['pages/', ...surface], types: ['store/'] },
  // What configuration reads of OpenID Connect, as of the dialects.
  {
    path: 'openid/manifest/',
    values: [
      'openid/manifest/',
      'config/dialect-manifest.ts',
      'config/setting-types.ts',
      'config/web-addresses.ts',
      'core/keys/random-text.ts',
      'core/openid/',
    ],
    types: ['config/sources/findings.ts', 'core/'],
    packages: ['node:crypto', 'zod'],
  },
  { path: 'openid/', values: ['openid/', ...surface], types: ['store/'] },
  { path: 'account/', values: ['account/', ...surface], types: ['store/'] },
  // Made of the same parts as the pages for people.
  {
    path: 'admin/',
    values: [
      'admin/',
      ...surface,
      'pages/account/event-texts.ts',
      'pages/assets.ts',
      'pages/come-again.ts',
      'pages/form-fields.ts',
      'pages/forms.ts',
      'pages/notice-cookie.ts',
      'pages/texts.ts',
      'pages/times.ts',
      '../package.json',
    ],
    types: ['store/'],
  },
  {
    path: 'config/',
    values: [
      'config/',
      'dialects/manifests.ts',
      'openid/manifest/manifest.ts',
      'lib/',
      'core/audit/retention.ts',
      'core/hooks/claims.ts',
      'core/limits/limits.ts',
      'core/openid/door.ts',
      'core/operators/realm-name.ts',
      'core/passkeys/settings.ts',
      'core/passwords/hashing.ts',
      'core/passwords/policy.ts',
      'upstream/generic-settings.ts',
      'upstream/origin.ts',
    ],
    types: ['core/', 'delivery/', 'http/dialect.ts', 'limits/', 'store/'],
    packages: ['node:crypto', 'node:fs', 'node:module', 'node:path', 'nodemailer', 'yaml', 'zod'],
  },
  // Formats of other systems: they read files, and know nothing of accounts but the neutral form.
  {
    path: 'imports/',
    values: ['imports/', 'core/', 'lib/'],
    packages: [
      'csv-parse',
      'node:buffer',
      'node:crypto',
      'node:stream',
      'node:zlib',
      'otpauth',
      'secure-json-parse',
      'stream-chain',
      'stream-json',
      'zod',
    ],
  },
  { path: 'limits/', values: ['limits/', 'core/', 'lib/'] },
  // The only requests whose address an operator gives and whose answer decides who gets in.
  {
    path: 'upstream/',
    values: ['upstream/', 'core/', 'lib/'],
    packages: [
      'node:crypto',
      'node:dns',
      'node:http',
      'node:https',
      'node:net',
      'ipaddr.js',
      'openid-client',
      'secure-json-parse',
      'zod',
    ],
  },
  // Stands before an old server, and knows of ours only what comes over the wire.
  {
    path: 'shadow/',
    values: ['shadow/', 'lib/'],
    types: ['http/wire-fields.ts'],
    packages: ['node:crypto', 'node:http', 'node:https', 'node:stream', 'node:zlib', 'otpauth', 'zod'],
  },
  {
    path: 'strength/',
    values: ['strength/', 'core/', 'lib/'],
    packages: ['node:worker_threads', '@zxcvbn-ts/core', '@zxcvbn-ts/language-common'],
  },
  {
    path: 'hashes/',
    values: ['hashes/', 'lib/'],
    types: ['core/imports/'],
    packages: ['node:crypto', 'node:util', 'node:worker_threads', '@node-rs/argon2', 'bcrypt'],
  },
  {
    path: 'observability/',
    values: ['observability/', 'core/', '../package.json'],
    types: ['config/', 'delivery/', 'http/', 'server/', 'store/', 'upstream/'],
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
      'node:timers',
    ],
  },
  // Could be packages of their own.
  {
    path: 'lib/',
    values: ['lib/'],
    packages: [
      'node:crypto',
      'ipaddr.js',
      'liquidjs',
      'node:crypto',
      'node:dns',
      'node:fs',
      'node:http',
      'node:https',
      'node:net',
      'node:os',
      'node:path',
      'node:sqlite',
      'node:stream',
      'node:v8',
      'node:vm',
      'node:worker_threads',
    ],
  },
]

/** Where the outside comes in: time, chance, the environment, the network. */
const compositionRoot = [
  'main.ts',
  'server/server.ts',
  'server/core.ts',
  'lib/thread-pool.ts',
  'store/sqlite/driver.ts',
  'store/postgres/driver.ts',
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
const ofProcess = /^(cli\/serve\/(worker|workers|stop-signals|last-words)|server\/doctor\/\w[\w-]*)\.ts$/
const processUse = { what: 'process', pattern: /(?<![\w.'"])process\s*(\?\.|\.|\[)|['"](node:)?process['"]/ }

const root = join(import.meta.dirname, '..', '..', 'src')
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'))

const dialectNames = dialects.map(({ door }) => door.dialect)
const dialectName = new RegExp(dialectNames.join('|'), 'i')

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

/** Files that import one another in a circle, the first one again at the end; `undefined` when none do. */
function circleIn(sources: Map<string, string>): string[] | undefined {
  const inNoCircle = new Set<string>()
  const follow = (path: string, way: string[]): string[] | undefined => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path]
    if (inNoCircle.has(path)) return undefined
    for (const { from } of importsOf(sources.get(path) ?? '')) {
      const circle = from.startsWith('.')
        ? follow(posix.join(posix.dirname(path), from), [...way, path])
        : undefined
      if (circle) return circle
    }
    inNoCircle.add(path)
    return undefined
  }
  for (const path of sources.keys()) {
    const circle = follow(path, [])
    if (circle) return circle
  }
  return undefined
}

function isBarrel(path: string, source: string): boolean {
  // One entry, of files by subject.
  if (path === 'dialects/kit.ts') return false
  const isIndex = /(^|\/)index\.ts$/.test(path) && !/^dialects\/[^/]+\/index\.ts$/.test(path)
  return isIndex || /^[ \t]*export\s*(type\s*)?\*/m.test(withoutComments(source))
}

describe('the layers of src/', () => {
  it('all exist', () => {
    for (const path of [
      'main.ts',
      'core/sign-in/sign-in.ts',
      'store/migrations/001-core.ts',
      'dialects/minbil/routes.ts',
    ])
      assert.ok(files.includes(path), path)
  })

  it('import only what they may, and use time, chance and the environment only where allowed', () => {
    const violations = files.flatMap((path) => violationsOf(path, readFileSync(join(root, path), 'utf8')))
    assert.deepEqual(violations, [])
  })

  it('import one another in no circle, types included', () => {
    const sources = files.map((path): [string, string] => [path, readFileSync(join(root, path), 'utf8')])
    assert.deepEqual(circleIn(new Map(sources)), undefined)
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
    'cli has process.env': ['cli/serve/worker.ts', 'const port = process.env.PORT'],
    'cli has process': ['cli/print.ts', 'process.stdout.write(text)'],
    'http has global fetch': ['http/x.ts', 'await fetch(url)'],
  }

  for (const [expected, [path, source]] of Object.entries(broken)) {
    it(`finds that ${expected}`, () => {
      const found = violationsOf(path, source).map((words) => words.replace(/^(\w+)\/\S+/, '$1'))
      assert.ok(found.includes(expected), `found ${JSON.stringify(found)}`)
    })
  }

  it('finds a circle, also one of types', () => {
    const circle = new Map([
      ['core/a.ts', `import { b } from './b.ts'`],
      ['core/b.ts', `import type { C } from '../core/c.ts'`],
      ['core/c.ts', `const { b } = await import('./b.ts')`],
    ])
    assert.deepEqual(circleIn(circle), ['core/b.ts', 'core/c.ts', 'core/b.ts'])
    assert.equal(circleIn(new Map([...circle, ['core/c.ts', `import fs from 'node:fs'`]])), undefined)
  })

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
    assert.deepEqual(
      violationsOf('server/server.ts', `import { sql } from 'kysely'; const now = Date.now`),
      [],
    )
  })
})
