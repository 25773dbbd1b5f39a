import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigError, readConfig } from '../../src/config.ts'
import { sampleKey } from '../master-keys.ts'
import { settingsIn, useFolder } from './settings-file.ts'

const smtp = { SMTP_URL: 'smtp://mail.example', MAIL_FROM: 'Example <auth@example.com>' }

/** Everything that is wrong with an environment. */
function problemsOf(environment: Record<string, string>): string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.problems
  }
}

/** That each of these is refused in one sentence about the setting that matches, and repeats no secret. */
function assertRefused(name: string, sentence: RegExp, values: string[], others = {}): void {
  for (const value of values) {
    const [problem = 'nothing', ...rest] = problemsOf({ ...others, [name]: value })
    assert.deepEqual(rest, [], value)
    assert.ok(problem.startsWith(`${name} `), `${value}: ${problem}`)
    assert.match(problem, sentence, value)
    assert.doesNotMatch(problem, /hunter2/, value)
  }
}

describe('the address of the database', () => {
  const folder = useFolder()

  it('is taken as PostgreSQL’s own tools write it', async () => {
    const ca = await folder.write('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n')
    for (const url of [
      'postgres://db.example/auth',
      'postgresql://me:hunter2@db.example:6432/auth',
      'postgres://me@/auth',
      'postgres:///auth?host=/run/postgresql&user=me',
      'postgres://%2Frun%2Fpostgresql/auth',
      'postgres://me:p%40ss%2F%23@[2001:db8::7]:5432/auth',
      'postgres://me:100%@db.example/auth',
      'postgres://me:a@b@db.example/auth',
      'postgres://db.example/auth?application_name=auth&options=-c%20search_path%3Dauth',
      'postgres://db.example/auth?ssl=true',
      ...['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'].map(
        (word) => `postgres://db.example/auth?sslmode=${word}`,
      ),
      `postgres://db.example/auth?sslmode=verify-full&sslrootcert=${ca}`,
    ]) {
      assert.deepEqual(problemsOf({ DATABASE_URL: url }), [], url)
      assert.deepEqual(readConfig({ DATABASE_URL: url }).database, { engine: 'postgres', url })
    }
  })

  it('is refused when it names several hosts, or asks for one of them', () => {
    assertRefused('DATABASE_URL', /one host/, [
      'postgres://u:hunter2@a:5432,b:5432/db?target_session_attrs=read-write',
      'postgres://u:hunter2@a,b/db',
      'postgres://u:hunter2@/db?host=a,b&port=5432,5433',
      'postgres://u:hunter2@/db?host=a&port=5432,5433',
      'postgres://u:hunter2@standby/db?target_session_attrs=read-write',
    ])
  })

  it('is refused when it cannot be read, with a word on passwords', () => {
    assertRefused('DATABASE_URL', /percent-encode/, [
      'postgres://u:hunter2/b@h/db',
      'postgres://u:1/hunter2@h/db',
      'postgres://u:hunter2#b@h/db',
      'postgres://u:1?hunter2@h/db',
      'postgres://u:hunter2%ff@h/db',
      'postgres://u:p@h h/db',
    ])
  })

  it('is refused with a port that is none, or a line break amid it', () => {
    assertRefused('DATABASE_URL', /port/, [
      'postgres://u:hunter2@h:99999/db',
      'postgres://u:hunter2@h:0/db',
      'postgres://u:hunter2@h:http/db',
      'postgres://u:hunter2@h/db?port=1e3',
    ])
    assertRefused('DATABASE_URL', /line break/, [
      'postgres://u:hunter2@h/db\nx',
      'postgres://u:hunter2@h/\tdb',
    ])
  })

  it('is refused with a parameter that would be passed over, by its name', () => {
    for (const name of [
      'sslmod',
      'connect_timeout',
      'channel_binding',
      'pgbouncer',
      'uselibpqcompat',
      'schema',
    ])
      assertRefused('DATABASE_URL', new RegExp(`parameter ${name}, which is not known`), [
        `postgres://u:hunter2@h/db?${name}=require`,
      ])
    assertRefused('DATABASE_URL', /sslmode twice/, ['postgres://h/db?sslmode=verify-full&sslmode=disable'])
    assertRefused('DATABASE_URL', /without a value/, ['postgres://h/db?sslmode='])
  })

  it('is refused when a word of TLS is misspelt, or a file of TLS is not there', async () => {
    assertRefused(
      'DATABASE_URL',
      /sslmode that is none of disable, prefer, require, verify-ca, verify-full, no-verify/,
      [
        'postgres://u:hunter2@h/db?sslmode=verfy-full',
        'postgres://u:hunter2@h/db?sslmode=REQUIRE',
        'postgres://u:hunter2@h/db?sslmode=allow',
      ],
    )
    assertRefused('DATABASE_URL', /none of true/, ['postgres://h/db?ssl=false', 'postgres://h/db?ssl=yes'])
    assertRefused('DATABASE_URL', /ssl and sslmode/, ['postgres://h/db?ssl=0&sslmode=require'])
    const noCertificate = await folder.write('nothing')
    for (const path of ['/missing/ca.crt', noCertificate, folder.path])
      assertRefused(
        'DATABASE_URL',
        new RegExp(`sslrootcert that is no PEM file, or cannot be read: ${path}`),
        [`postgres://h/db?sslmode=verify-full&sslrootcert=${path}`],
      )
    const DATABASE_URL = 'postgres://h/db'
    assert.match(problemsOf({ DATABASE_URL, PGSSLMODE: 'verfy-full' }).join(), /^PGSSLMODE must be one of/)
    assert.deepEqual(problemsOf({ DATABASE_URL, PGSSLMODE: 'verify-full' }), [])
    assert.deepEqual(problemsOf({ PGSSLMODE: 'verfy-full' }), [])
    assert.match(
      problemsOf({ DATABASE_URL: 'postgres:///db', PGHOST: 'a,b' }).join(),
      /^PGHOST names several hosts/,
    )
    assert.deepEqual(problemsOf({ DATABASE_URL, PGHOST: 'a,b' }), [])
  })

  it('is named with the file that it came from', async () => {
    const path = await folder.write('postgres://u:hunter2@a,b/db\n')
    const [problem = ''] = problemsOf({ DATABASE_URL_FILE: path })
    assert.ok(problem.startsWith('DATABASE_URL names several hosts'), problem)
    assert.ok(problem.endsWith(`(in ${path})`), problem)
  })
})

describe('the sender of mails', () => {
  const folder = useFolder()
  const { problems } = settingsIn(folder)
  const rule = /^MAIL_FROM must be one sender with an address/

  it('is one mailbox with an address', () => {
    for (const MAIL_FROM of [
      'auth@example.com',
      '<auth@example.com>',
      'Example <auth@example.com>',
      '"Example, Inc." <auth@example.com>',
      'Blåbær ASA <auth+no-reply@blåbær.example>',
      'Manydoors <no-reply@localhost>',
    ])
      assert.equal(readConfig({ ...smtp, MAIL_FROM }).smtp?.from, MAIL_FROM)
  })

  it('is refused when it is none, or more', () => {
    assertRefused(
      'MAIL_FROM',
      rule,
      [
        'Example',
        'auth@example.com, other@example.com',
        'A <a@x.example> <b@x.example>',
        'A <a@x.example> b',
        'a@x.example b@x.example',
        'group: a@x.example;',
        'A: B <a@x.example>',
        'A <auth>',
        'A <auth@>',
        'A <a@x.example',
        '<>',
      ],
      { SMTP_URL: smtp.SMTP_URL },
    )
  })

  it('is refused with a line break, and with quotes around the whole of it', () => {
    assertRefused('MAIL_FROM', /line break/, [
      'A <a@example.com>\nBcc: evil@x.example',
      'A\r\n <a@example.com>',
    ])
    assertRefused('MAIL_FROM', /quotes around the whole/, [
      "'Example <auth@example.com>'",
      '"Example <auth@example.com>"',
    ])
  })

  it('is so wherever one is set', async () => {
    const [usual = '', replyTo = '', ofRealm = '', ...others] = await problems(
      'smtp: { from: Example, replyTo: "a@b.example, c@d.example" }\nrealms: { main: { mailFrom: Example } }',
    )
    assert.match(usual, /^smtp\.from must be one sender/)
    assert.match(replyTo, /^smtp\.replyTo must be one sender/)
    assert.match(ofRealm, /^realms\.main\.mailFrom must be one sender/)
    assert.deepEqual(others, [])
    assertRefused('MAIL_REPLY_TO', /one sender/, ['support'])
  })
})

describe('the address of the mail server', () => {
  it('may say what the library is to do, of what is known', () => {
    for (const query of [
      '',
      '?name=auth.example.com',
      '/?requireTLS=true&maxConnections=2&rateLimit=5',
      '?tls.rejectUnauthorized=false',
    ])
      assert.deepEqual(
        problemsOf({ ...smtp, SMTP_URL: `smtp://u:p%23w@mail.example:587${query}` }),
        [],
        query,
      )
  })

  it('is refused when it says anything else, by its name', () => {
    for (const name of [
      'logger',
      'debug',
      'requireTls',
      'disableFileAccess',
      'pool',
      'tls.rejectunauthorized',
    ])
      assertRefused('SMTP_URL', new RegExp(`parameter ${name}, which is not known`), [
        `smtp://u:hunter2@mail.example?${name}=true`,
      ])
    assertRefused('SMTP_URL', /requireTLS that is not true or false/, ['smtp://mail.example?requireTLS=yes'])
    assertRefused('SMTP_URL', /that is not (TLSv1.2|PLAIN|a whole number)/, [
      'smtp://mail.example?tls.minVersion=1.2',
      'smtp://mail.example?authMethod=plain',
      'smtp://mail.example?rateLimit=0',
    ])
    assertRefused('SMTP_URL', /percent-encode/, [
      'smtp://u:hunter2#w@mail.example',
      'smtp://u:hunter2/w@mail.example',
      'smtp://u:hunter2%zz@mail.example',
      'smtp://u:1?hunter2@mail.example',
      'smtp://mail.example/path',
    ])
    assertRefused('SMTP_NAME', /must be a host name/, ['auth example', 'auth.example.com\r\nQUIT', '-x'])
  })
})

describe('what stands around a value', () => {
  const folder = useFolder()
  const { read } = settingsIn(folder)

  it('is left out: blanks and line ends', async () => {
    const config = readConfig({
      DATABASE_URL: ' postgres://me@db.example/auth\r\n',
      PORT: '5001\n',
      NODE_ENV: ' development ',
      MANYDOORS_PUBLIC_URL: '\thttps://auth.example.com ',
      SMTP_URL: 'smtp://mail.example\n',
      MAIL_FROM: ' Example <auth@example.com>\n',
      LOG_LEVEL: 'INFO ',
      MANYDOORS_DATA: ' ',
    })
    assert.deepEqual(config.database, { engine: 'postgres', url: 'postgres://me@db.example/auth' })
    assert.equal(config.port, 5001)
    assert.equal(config.publicUrl, 'https://auth.example.com')
    assert.deepEqual(config.smtp, { url: 'smtp://mail.example', from: 'Example <auth@example.com>' })
    assert.equal(config.logLevel, 'info')
    const ofFile = await read('database: " postgres://me@db.example/auth "\nlogLevel: WARN')
    assert.deepEqual(ofFile.database, config.database)
    assert.equal(ofFile.logLevel, 'warn')
  })
})

describe('a settings file as others write it', () => {
  const folder = useFolder()
  const { read, problems } = settingsIn(folder)

  it('may hold anchors at its top, under names that begin with x-', async () => {
    const config = await read(`
      x-doors: &doors { minbil: , wolfpal: }
      realms: { main: { dialects: *doors } }`)
    assert.deepEqual(Object.keys(config.realms[0]?.dialects ?? {}), ['minbil', 'wolfpal'])
    assert.deepEqual(await problems('smtp: { x-more: 1 }'), ['smtp.x-more is not a setting (FILE:1)'])
  })

  it('is named when it is in UTF-16, or in no encoding that is known; so is a secret', async () => {
    const text = 'port: 5001\n'
    const utf16 = await folder.write(Buffer.from(`\ufeff${text}`, 'utf16le'))
    assert.deepEqual(problemsOf({ MANYDOORS_CONFIG: utf16 }), [`${utf16} is in UTF-16 and must be in UTF-8`])
    const latin1 = await folder.write(Buffer.from('# blåbær\n', 'latin1'))
    assert.deepEqual(problemsOf({ MANYDOORS_CONFIG: latin1 }), [`${latin1} is not in UTF-8`])
    const secret = await folder.write(
      Buffer.from(sampleKey(1).toString('base64'), 'utf16le') as unknown as string,
    )
    assert.deepEqual(problemsOf({ MANYDOORS_SECRET_FILE: secret }), [
      `MANYDOORS_SECRET_FILE is in UTF-16 and must be in UTF-8: ${secret}`,
    ])
  })
})

describe('a master key that no random source has made', () => {
  const weak = {
    zeros: Buffer.alloc(32),
    'one byte repeated': Buffer.alloc(32, 7),
    'a word repeated': Buffer.alloc(32, 'secret'),
    'half of it repeated': Buffer.alloc(32, sampleKey(1).subarray(0, 16)),
    'few different bytes': Buffer.from('aaaabbbbccccaaabacabacccbdbadccc'),
    counting: Buffer.from(Array.from({ length: 32 }, (_, index) => index)),
    'counting down in threes': Buffer.from(Array.from({ length: 32 }, (_, index) => 256 - 3 * index)),
  }

  for (const [what, key] of Object.entries(weak))
    it(`is refused wherever one is set: ${what}`, () => {
      const text = key.toString('base64')
      for (const name of ['MANYDOORS_SECRET', 'MANYDOORS_SECRET_NEXT', 'MANYDOORS_SECRET_PREVIOUS'])
        assertRefused(name, /no random source/, [text])
      assertRefused('MANYDOORS_SECRET_PREVIOUS', /no random source/, [
        `${sampleKey(2).toString('base64')},${text}`,
      ])
    })

  it('is told from one that has been made with openssl, in bytes or in digits', () => {
    for (let number = 0; number < 1000; number++) {
      const MANYDOORS_SECRET = sampleKey(number).toString('base64')
      const ofDigits = Buffer.from(sampleKey(number).toString('hex').slice(0, 32)).toString('base64')
      assert.deepEqual(problemsOf({ MANYDOORS_SECRET, MANYDOORS_SECRET_PREVIOUS: ofDigits }), [])
    }
  })
})
