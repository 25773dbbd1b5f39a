import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { runCommand } from '../harness/command.ts'
import { send, startTestServer } from '../harness/harness.ts'
import { problemsOf } from './refused.ts'
import { settingsIn, useFolder } from './settings-file.ts'

/** A dialect with one route, in a module that lies outside of this repository. */
const dialectOf = (name: string, { prefix = `/${name}`, kit = '1', more = '' } = {}) => `
import { AuthError, defaultErrors, defineDialect, defineDoor, doorSettings, plainClient, z } from 'manydoors/dialect'
const door = defineDoor({ dialect: '${name}' })
export default defineDialect({
  kit: ${kit} as 1,
  door,
  prefixes: ['${prefix}'],
  settings: z.strictObject({ ...doorSettings(door), greeting: z.string('must be text').optional() }),
  clients: [plainClient('${name}', 'Name')],
  clientIds: { alphabet: 'abc', length: 9 },
  errors: defaultErrors((status, code) => ({ status, code })),
  render: ({ status, code }) => ({ status, body: { ${name}: code } }),
  routes(app, { greeting = 'hello' }) {
    app.get('${prefix}/greet', async () => ({ greeting }))
    app.get('${prefix}/refuse', async () => { throw new AuthError('ticket_invalid') })
  },
  ${more}
})
`

describe('a dialect from outside', () => {
  const folder = useFolder()
  const { read, problems } = settingsIn(folder)
  const acme = 'dialects: { acme: { module: ./acme.ts } }'

  it('is found from where the file is, and is a door of every realm that names none', async () => {
    await folder.write(dialectOf('acme'), 'acme.ts')
    const { realms, loadedDialects } = await read(acme)
    assert.deepEqual(Object.keys(realms[0]?.dialects ?? {}).at(-1), 'acme')
    assert.deepEqual(
      loadedDialects.map(({ door }) => door.dialect),
      ['acme'],
    )
    assert.equal(realms[0]?.clients.find(({ dialect }) => dialect === 'acme')?.brand.name, 'Name')
  })

  it('is served with the settings of each realm, and refuses in its own words', async () => {
    await folder.write(dialectOf('acme'), 'acme.ts')
    const yaml = `
dialects: { acme: { module: ${join(folder.path, 'acme.ts')} } }
realms:
  main: { dialects: { acme: { greeting: hei } } }
  shop: { hosts: [shop.localhost], dialects: { acme: { accessLifetime: 5m }, minbil: } }
  none: { hosts: [none.localhost], dialects: { minbil: } }
`
    const server = await startTestServer('sqlite', { yaml })
    try {
      const ask = async (path: string, host = 'localhost') => {
        const { status, body } = await send(`${server.url}${path}`, 'GET', { headers: { host } })
        return [status, body]
      }
      assert.deepEqual(await ask('/acme/greet'), [200, { greeting: 'hei' }])
      assert.deepEqual(await ask('/acme/refuse'), [400, { acme: 'ticket_invalid' }])
      assert.deepEqual(await ask('/acme/nothing'), [404, { acme: 'route_not_found' }])
      assert.deepEqual(await ask('/elsewhere'), [404, { error: 'route_not_found' }])
    } finally {
      await server.close()
    }
  })

  it('refuses the start when it cannot be mounted in any of the realms', async () => {
    const more = `routes(app) { for (const path of ['/acme/a', '/acme/a']) app.get(path, async () => ({})) }`
    await folder.write(dialectOf('acme', { more }), 'twice.ts')
    const yaml = `
dialects: { acme: { module: ${join(folder.path, 'twice.ts')} } }
realms: { main: { dialects: { minbil: } }, shop: { hosts: [shop.localhost], dialects: { acme: } } }
`
    await assert.rejects(startTestServer('sqlite', { yaml }), /already declared for route '\/acme\/a'/)
  })

  it('has its settings checked as others have', async () => {
    await folder.write(dialectOf('acme'), 'acme.ts')
    const wrong = `${acme}\nrealms: { main: { dialects: { acme: { greeting: 1, greetings: x } } } }`
    assert.deepEqual(await problems(wrong), [
      'realms.main.dialects.acme.greeting must be text (FILE:2)',
      'realms.main.dialects.acme.greetings is not a setting (FILE:2)',
    ])
    const twice = `${acme}\nrealms: { main: { dialects: { acme: { clients: [{ id: a }, { id: A }] } } } }`
    assert.match((await problems(twice)).join(), /is the same as realms\.main\.dialects\.acme\.clients\[0\]/)
  })

  it('is none without a module', async () => {
    assert.deepEqual(await problems('realms: { main: { dialects: { acme: } } }'), [
      'realms.main.dialects.acme is not a setting (FILE:1)',
    ])
    assert.deepEqual(problemsOf({ MANYDOORS_DIALECTS: './acme.ts' }), ['MANYDOORS_DIALECTS is not a setting'])
  })

  it('has a name of its own and a file', async () => {
    const yaml =
      'dialects: { minbil: { module: x.ts }, account: { module: x.ts }, A_B: { module: x.ts }, c: { module: "" }, d: { path: x.ts } }'
    const found = (await problems(yaml)).filter((problem) => !/cannot be loaded/.test(problem))
    assert.deepEqual(found, [
      'dialects.minbil is the name of a dialect that ships (FILE:1)',
      'dialects.account is the name of the door of the account page (FILE:1)',
      'dialects.A_B is no name for a dialect: it is up to 32 small letters, digits and hyphens (FILE:1)',
      'dialects.c.module must be text (FILE:1)',
      'dialects.d.module must be text (FILE:1)',
      'dialects.d.path is not a setting (FILE:1)',
    ])
  })

  it('has no path in common with another door of its realm', async () => {
    await folder.write(dialectOf('acme', { prefix: '/api/co' }), 'wide.ts')
    await folder.write(dialectOf('other', { prefix: '/api/co/mpany' }), 'other.ts')
    const modules = 'dialects: { acme: { module: wide.ts }, other: { module: other.ts } }\n'
    const refused = await problems(`${modules}realms: { main: { dialects: { acme: , minbil: } } }`)
    assert.deepEqual(refused, [
      'realms.main.dialects.acme has paths below /api/co, as minbil has: name the doors of the realm',
    ])
    assert.equal((await problems(`${modules}realms: { main: { dialects: { acme: , other: } } }`)).length, 2)
    assert.ok(await read(`${modules}realms: { main: { dialects: { other: , minbil: } } }`))
  })

  const broken: Record<string, [module: string, problem: RegExp]> = {
    'is not there': ['', /cannot be loaded from .*\/none\.ts: Cannot find module/],
    'is no TypeScript': ['export default {', /cannot be loaded from .*: .*\(.*\.ts:1\)/],
    'imports what the interface has not': [
      `import { nothing } from 'manydoors/dialect'\nexport default nothing`,
      /cannot be loaded from .*'manydoors\/dialect' does not provide an export named 'nothing'/,
    ],
    throws: [`throw new Error('no wind\\ntoday')`, /cannot be loaded from .*: no wind \(.*:1\)/],
    waits: ['await 1\nexport default {}', /cannot be loaded from .* top-level await/],
    'exports nothing': ['export const a = 1', /has no default export that `defineDialect` has made: /],
    'is of another version': [
      dialectOf('acme', { kit: '2' }),
      /is made for version 2 of the interface, and this server has version 1: /,
    ],
    'exports what only looks like one': [
      `export default { kit: 1, door: { dialect: 'acme' } }`,
      /has no default export that `defineDialect` has made: /,
    ],
    'has no prefix': [
      dialectOf('acme', { more: 'prefixes: []' }),
      /cannot be loaded from .*: prefixes must be paths/,
    ],
    'has a prefix with a slash at the end': [
      dialectOf('acme', { prefix: '/acme/' }),
      /cannot be loaded from .*: prefixes must be paths such as \/acme, without a slash at the end/,
    ],
    'has a prefix of our pages': [
      dialectOf('acme', { prefix: '/ui/acme' }),
      /cannot be loaded from .*: prefixes cannot be below \/ui, where the pages for people are/,
    ],
    'has a prefix that is encoded': [
      dialectOf('acme', { prefix: '/ac%6De' }),
      /cannot be loaded from .*: prefixes must be paths/,
    ],
    'has no client': [
      dialectOf('acme', { more: 'clients: []' }),
      /cannot be loaded from .*: clients must be of/,
    ],
    'has a client of another dialect': [
      dialectOf('acme', { more: `demoClients: [plainClient('acme', 'A'), plainClient('minbil', 'B')]` }),
      /cannot be loaded from .*: clients must be of the dialect acme, and one of them of kind default/,
    ],
    'has a setting of every door': [
      dialectOf('acme', { more: 'settings: z.strictObject({ dialect: z.string() })' }),
      /cannot be loaded from .*: settings cannot have one called dialect/,
    ],
    'is another dialect': [dialectOf('emca'), /is of the dialect emca, and not of acme: /],
  }
  for (const [what, [module, problem]] of Object.entries(broken)) {
    it(`is refused in one line when its module ${what}`, async () => {
      const name = module === '' ? 'none.ts' : `broken-${what.replaceAll(' ', '-')}.ts`
      if (module !== '') await folder.write(module, name)
      const used = `dialects: { acme: { module: ${name} } }\nrealms: { main: { dialects: { acme: { greeting: x } } } }`
      const [first = '', ...others] = await problems(used)
      assert.deepEqual(others, [])
      assert.match(first, new RegExp(`^dialects\\.acme\\.module ${problem.source}`))
      assert.ok(first.includes(join(folder.path, name)) && first.endsWith('(FILE:1)'), first)
      assert.doesNotMatch(first, /\n|node:internal/)
    })
  }

  it('is known to every command', async () => {
    await folder.write(dialectOf('acme'), 'acme.ts')
    const MANYDOORS_DATA = join(folder.path, 'data')
    await mkdir(MANYDOORS_DATA)
    const config = await folder.write(`${acme}\nrealms: { main: { dialects: { acme: } } }`)
    const server = await startTestServer('sqlite', { env: { MANYDOORS_DATA, MANYDOORS_CONFIG: config } })
    try {
      const run = async (...args: string[]) => {
        const { code, stdout, stderr } = await runCommand(server, args)
        assert.equal(code, 0, stderr)
        return stdout
      }
      assert.match(await run('config', 'check'), /^ {4}acme {6}acme$/m)
      assert.match(await run('client', 'add', 'acme'), /[abc]{9}/)
      assert.match(await run('client', 'list'), /acme/)
    } finally {
      await server.close()
    }
  })
})
