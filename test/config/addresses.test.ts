import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readConfig } from '../../src/config/read-config.ts'
import { assertRefused, problemsOf } from './refused.ts'
import { settingsIn, useFolder } from './settings-file.ts'

const smtp = { SMTP_URL: 'smtp://mail.example', MAIL_FROM: 'Example <auth@example.com>' }

describe('the URL of the database', () => {
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

  it('is refused with several hosts, or with target_session_attrs', () => {
    assertRefused('DATABASE_URL', /one host/, [
      'postgres://u:hunter2@a:5432,b:5432/db?target_session_attrs=read-write',
      'postgres://u:hunter2@a,b/db',
      'postgres://u:hunter2@/db?host=a,b&port=5432,5433',
      'postgres://u:hunter2@/db?host=a&port=5432,5433',
      'postgres://u:hunter2@standby/db?target_session_attrs=read-write',
    ])
  })

  it('is refused when it cannot be parsed, with advice on passwords', () => {
    assertRefused('DATABASE_URL', /percent-encode/, [
      'postgres://u:hunter2/b@h/db',
      'postgres://u:1/hunter2@h/db',
      'postgres://u:hunter2#b@h/db',
      'postgres://u:1?hunter2@h/db',
      'postgres://u:hunter2%ff@h/db',
      'postgres://u:p@h h/db',
    ])
  })

  it('is refused with an invalid port or a line break', () => {
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

  it('is refused with an unknown parameter, by its name', () => {
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

  it('is refused when a word of TLS is misspelt or a file of TLS is missing', async () => {
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

  it('is refused when it is no mailbox or several', () => {
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

  it('is checked wherever one is set', async () => {
    const [sender = '', replyTo = '', ofRealm = '', ...others] = await problems(
      'smtp: { from: Example, replyTo: "a@b.example, c@d.example" }\nrealms: { main: { mailFrom: Example } }',
    )
    assert.match(sender, /^smtp\.from must be one sender/)
    assert.match(replyTo, /^smtp\.replyTo must be one sender/)
    assert.match(ofRealm, /^realms\.main\.mailFrom must be one sender/)
    assert.deepEqual(others, [])
    assertRefused('MAIL_REPLY_TO', /one sender/, ['support'])
  })
})

describe('the URL of the mail server', () => {
  it('may have known parameters', () => {
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

  it('is refused with any other parameter, by its name', () => {
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
