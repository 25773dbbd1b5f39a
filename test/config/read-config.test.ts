import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ConfigError } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { dialects } from '../../src/dialects/registry.ts'
import { sampleKey } from '../harness/master-keys.ts'

const key = sampleKey(7).toString('base64')
const production = {
  NODE_ENV: 'production',
  MANYDOORS_PUBLIC_URL: 'https://auth.example.com',
  MANYDOORS_SECRET: key,
}

describe('the configuration', () => {
  it('needs nothing in development', () => {
    const config = readConfig({})
    assert.equal(config.mode, 'development')
    assert.equal(config.host, '127.0.0.1')
    assert.equal(config.port, 5000)
    assert.equal(config.publicUrl, 'http://localhost:5000')
    assert.equal(config.dataFolder, resolve('data'))
    assert.deepEqual(config.database, { engine: 'sqlite', path: resolve('data', 'manydoors.db') })
    assert.equal(config.masterKey, undefined)
    assert.equal(config.smtp, undefined)
    assert.equal(config.logLevel, 'warn')
    assert.deepEqual(config.trustedProxies, [])
  })

  it('takes what is set', () => {
    const config = readConfig({
      ...production,
      PORT: '0',
      HOST: '::1',
      DATABASE_URL: 'postgresql://me@db.example/auth?sslmode=require',
      MANYDOORS_DATA: '/var/lib/manydoors',
      MANYDOORS_TRUSTED_PROXIES: ' 10.0.0.0/8,192.168.1.1 , 2001:db8::/32,::1',
      SMTP_URL: 'smtps://user:pass@mail.example:465',
      MAIL_FROM: 'Example <auth@example.com>',
      LOG_LEVEL: 'error',
    })
    assert.equal(config.mode, 'production')
    assert.equal(config.port, 0)
    assert.equal(config.host, '::1')
    assert.equal(config.publicUrl, 'https://auth.example.com')
    const url = 'postgresql://me@db.example/auth?sslmode=require'
    assert.deepEqual(config.database, { engine: 'postgres', url })
    assert.equal(config.dataFolder, resolve('/var/lib/manydoors'))
    assert.deepEqual(config.masterKey, sampleKey(7))
    assert.deepEqual(config.trustedProxies, ['10.0.0.0/8', '192.168.1.1', '2001:db8::/32', '::1'])
    const smtp = { url: 'smtps://user:pass@mail.example:465', from: 'Example <auth@example.com>' }
    assert.deepEqual(config.smtp, smtp)
    assert.equal(config.logLevel, 'error')
  })

  it('logs more in production than in development', () => {
    assert.equal(readConfig(production).logLevel, 'info')
  })

  it('takes an empty variable for one that is not set', () => {
    const config = readConfig({
      PORT: '',
      DATABASE_URL: '',
      MANYDOORS_SECRET: '',
      SMTP_URL: '',
      LOG_LEVEL: '',
    })
    assert.equal(config.port, 5000)
    assert.equal(config.smtp, undefined)
    assert.equal(config.database.engine, 'sqlite')
  })

  it('cuts the slashes off the end of the public URL', () => {
    const publicUrlOf = (MANYDOORS_PUBLIC_URL: string) => readConfig({ MANYDOORS_PUBLIC_URL }).publicUrl
    assert.equal(publicUrlOf('https://auth.example.com//'), 'https://auth.example.com')
    assert.equal(publicUrlOf(' https://auth.example.com:8443/ \n'), 'https://auth.example.com:8443')
  })

  it('names everything that is wrong at once, and repeats no value', () => {
    const wrong = {
      NODE_ENV: 'production',
      PORT: 'tcp-secret',
      DATABASE_URL: 'mysql://root:secret@db',
      MANYDOORS_SECRET: 'too-short-a-secret',
      MANYDOORS_PUBLIC_URL: 'secret.example.com',
      MANYDOORS_TRUSTED_PROXIES: 'the-secret-proxy',
      SMTP_URL: 'https://user:secret@mail',
      LOG_LEVEL: 'loud-secret',
      MANYDOORS_COLOUR: 'secret-red',
    }
    const problems = problemsOf(wrong)
    const names = Object.keys(wrong).filter((name) => name !== 'NODE_ENV')
    assert.deepEqual(namesIn(problems), [...names, 'MAIL_FROM'].sort())
    assert.doesNotMatch(problems.join('\n'), /secret/)
  })

  const refused: Record<string, [name: string, ...values: string[]]> = {
    'a port that is none': ['PORT', '-1', '65536', '80.5', 'http', '5000 5001', '1e3', '0x50', '8 0', '+80'],
    'a database that it does not know': [
      'DATABASE_URL',
      'mysql://localhost/a',
      'sqlite:',
      'postgres:',
      'postgres:auth',
      './manydoors.db',
      'file:x.db',
    ],
    'a master key that is not 32 bytes': [
      'MANYDOORS_SECRET',
      Buffer.alloc(31).toString('base64'),
      Buffer.alloc(33).toString('base64'),
      Buffer.alloc(32).toString('hex'),
      'cGFzc3dvcmQ=',
      'password',
      'ü',
    ],
    'a public URL that is no web address': [
      'MANYDOORS_PUBLIC_URL',
      'auth.example.com',
      'ftp://x.example',
      '/auth',
      'https://example.com/auth/',
      'https://auth.example.com?x=y',
      'https://auth.example.com?',
      'https://auth.example.com/#x',
      'https://me@auth.example.com',
    ],
    'a proxy that is no address': [
      'MANYDOORS_TRUSTED_PROXIES',
      'proxy.example',
      '10.0.0.0/33',
      '10.0.0.0/0',
      '::1/129',
      '10.0.0.1, x',
      '10.0.0.0/8/8',
      '10.0.0.0/08',
      '10.0.0.0/255.0.0.0',
      '010.0.0.1',
      '10.1',
      '0x7f000001',
      '2130706433',
      '127.0.0.1:443',
      '::ffff:0:0/96',
      '*',
    ],
    'a mail server that is none': ['SMTP_URL', 'mail.example', 'http://mail.example'],
    'a log level that it does not know': ['LOG_LEVEL', 'verbose', 'INFORMATION'],
  }
  for (const [what, [name, ...values]] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      for (const value of values) {
        const problems = problemsOf({ [name]: value })
        assert.equal(problems.length, 1, value)
        assert.match(problems[0] ?? '', new RegExp(`^${name} must be `), value)
      }
    })
  }

  it('names the entries of a list that are wrong', () => {
    assert.deepEqual(
      problemsOf({ MANYDOORS_TRUSTED_PROXIES: '10.0.0.1, x,, ::1/0', SMS_ALLOWED_PREFIXES: '+47 47' }),
      [
        'MANYDOORS_TRUSTED_PROXIES must be an address or a range such as 10.0.0.0/8 (entry 2)',
        'MANYDOORS_TRUSTED_PROXIES must be an address or a range such as 10.0.0.0/8 (entry 3)',
        'SMS_ALLOWED_PREFIXES must be the beginning of a number such as +47 (entry 1)',
      ],
    )
  })

  it('refuses a setting of ours that does not exist, and leaves those of others alone', () => {
    assert.deepEqual(problemsOf({ MANYDOORS_SECRTE: 'x' }), ['MANYDOORS_SECRTE is not a setting'])
    assert.deepEqual(problemsOf({ MANYDOORS_PUBLIC_URL_FILE: '/x' }), [
      'MANYDOORS_PUBLIC_URL_FILE is not a setting',
    ])
    assert.equal(readConfig({ MANY: 'x', PATH: '/bin', npm_config_x: 'y' }).port, 5000)
  })

  it('has one realm, with every door, the dialects’ own settings and their demo clients', () => {
    const [realm, ...others] = readConfig({}).realms
    assert.ok(realm)
    assert.deepEqual(others, [])
    assert.equal(realm.name, 'main')
    assert.deepEqual(realm.hosts, [])
    assert.equal(realm.publicUrl, 'http://localhost:5000')
    assert.deepEqual(realm.password, { minLength: 8, maxLength: 256, isStrict: false })
    assert.equal(realm.strictPasswords, 'pages')
    assert.equal(realm.accountPage, true)
    assert.equal(realm.signUpPage, true)
    const doors = dialects.map(({ door }) => door.dialect)
    assert.deepEqual(new Set(Object.keys(realm.dialects)), new Set(doors))
    assert.ok(realm.clients.some(({ origins }) => origins.includes('http://localhost:3000')))
    const [inProduction] = readConfig(production).realms
    assert.ok(inProduction)
    assert.equal(inProduction.clients.length, dialects.length)
    for (const { kind, origins, redirectUris } of inProduction.clients)
      assert.deepEqual([kind, origins, redirectUris], ['default', [], []])
  })

  it('needs a public URL and a master key in production, and a sender where mails go out', () => {
    assert.deepEqual(namesIn(problemsOf({ NODE_ENV: 'production' })), [
      'MANYDOORS_PUBLIC_URL',
      'MANYDOORS_SECRET',
    ])
    assert.deepEqual(namesIn(problemsOf({ ...production, SMTP_URL: 'smtp://mail.example' })), ['MAIL_FROM'])
    assert.equal(readConfig(production).mode, 'production')
  })
})

describe('a secret in a file', () => {
  let folder = ''
  let files = 0
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-config-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  const fileWith = async (text: string) => {
    const path = join(folder, `file-${++files}`)
    await writeFile(path, text)
    return path
  }

  it('is read without the line end behind it', async () => {
    const urlFile = await fileWith('postgres://me:pass@db.example/auth\n')
    const config = readConfig({
      NODE_ENV: 'production',
      MANYDOORS_PUBLIC_URL: 'https://auth.example.com',
      MAIL_FROM: 'auth@example.com',
      MANYDOORS_SECRET_FILE: await fileWith(`${key}\n`),
      SMTP_URL_FILE: await fileWith('smtp://user:pass@mail.example\r\n'),
      DATABASE_URL_FILE: urlFile,
      CREDEBL_PASSWORD_KEY_FILE: await fileWith('sample-private-key\n'),
    })
    assert.deepEqual(config.masterKey, sampleKey(7))
    assert.equal(config.smtp?.url, 'smtp://user:pass@mail.example')
    const url = 'postgres://me:pass@db.example/auth'
    assert.deepEqual(config.database, { engine: 'postgres', url, urlFile })
    assert.equal(config.realms[0]?.dialects.credebl?.settings.passwordKey, 'sample-private-key')
  })

  it('is refused beside the same secret in the environment', async () => {
    const path = await fileWith(key)
    assert.deepEqual(problemsOf({ MANYDOORS_SECRET: key, MANYDOORS_SECRET_FILE: path }), [
      'MANYDOORS_SECRET_FILE and MANYDOORS_SECRET are both set',
    ])
  })

  it('is refused when it cannot be read', () => {
    const path = join(folder, 'missing')
    assert.deepEqual(problemsOf({ MANYDOORS_SECRET_FILE: path, SMTP_URL_FILE: folder }), [
      `MANYDOORS_SECRET_FILE cannot be read: ${path}`,
      `SMTP_URL_FILE cannot be read: ${folder}`,
    ])
  })

  it('is refused when it is invalid, and is not repeated', async () => {
    const [problem = '', ...others] = problemsOf({ MANYDOORS_SECRET_FILE: await fileWith('hunter2\n') })
    assert.match(problem, /^MANYDOORS_SECRET must be 32 bytes/)
    assert.doesNotMatch(problem, /hunter2/)
    assert.deepEqual(others, [])
    assert.equal(problemsOf({ MANYDOORS_SECRET_FILE: await fileWith('\n') }).length, 1)
  })
})

function problemsOf(environment: Record<string, string>): string[] {
  try {
    readConfig(environment)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    for (const problem of error.problems) assert.ok(error.message.includes(problem))
    return error.problems
  }
  return []
}

/** The settings that problems begin with. */
function namesIn(problems: string[]): string[] {
  return problems.map((problem) => problem.split(' ', 1)[0] ?? '').sort()
}
