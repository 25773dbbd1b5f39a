import assert from 'node:assert/strict'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import type { Config } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { sampleKey } from '../harness/master-keys.ts'
import { settingsIn, useFolder } from './settings-file.ts'

const key = sampleKey(7).toString('base64')

describe('the settings file', () => {
  const folder = useFolder()
  const { read, problems } = settingsIn(folder)

  it('sets everything that the environment sets', async () => {
    const config = await read(`
      publicUrl: https://auth.example.com/
      host: '::1'
      port: 8080
      data: /var/lib/manydoors
      database: postgres://me@db.example/auth
      secret: ${key}
      previousSecrets: ${sampleKey(8).toString('base64')}
      logLevel: error
      trustedProxies: [10.0.0.0/8, '::1']
      keys: { rotateEvery: 30d }
      hashing: { memory: 64 }
      smtp: { url: smtps://mail.example, from: auth@example.com }
      sms:
        url: https://gateway.example/
        from: Example
        body: to={to}&text={text}
        authorization: Bearer x
        allowedPrefixes: ['+47']
    `)
    assert.equal(config.publicUrl, 'https://auth.example.com')
    assert.equal(config.host, '::1')
    assert.equal(config.port, 8080)
    assert.equal(config.dataFolder, resolve('/var/lib/manydoors'))
    assert.deepEqual(config.database, { engine: 'postgres', url: 'postgres://me@db.example/auth' })
    assert.deepEqual(config.masterKey, sampleKey(7))
    assert.deepEqual(config.otherMasterKeys, { next: [], previous: [sampleKey(8)] })
    assert.equal(config.logLevel, 'error')
    assert.deepEqual(config.trustedProxies, ['10.0.0.0/8', '::1'])
    assert.equal(config.keys.rotateEverySeconds, 30 * 86_400)
    assert.deepEqual(config.hashing, { memory: 64, passes: 2 })
    assert.deepEqual(config.smtp, { url: 'smtps://mail.example', from: 'auth@example.com' })
    const sms = { url: 'https://gateway.example/', from: 'Example', body: 'to={to}&text={text}' }
    assert.deepEqual(config.sms, { ...sms, authorization: 'Bearer x' })
    assert.deepEqual(config.smsPrefixes, ['+47'])
  })

  it('sets nothing when it is empty, or when all of it is commented out', async () => {
    // What was given is told beside what it comes to.
    const withoutGiven = ({ given: _given, ...config }: Config) => config
    const nothing = { ...withoutGiven(readConfig({})), file: join(folder.path, 'settings.yaml') }
    for (const yaml of ['', '# publicUrl: x\n', 'smtp:\nlimits:\nhashing:\nrealms:\n'])
      assert.deepEqual(withoutGiven(await read(yaml)), nothing)
  })

  it('is overridden by the environment, setting by setting', async () => {
    const yaml = `
      port: 8080
      host: 10.0.0.1
      secret: ${key}
      smtp: { url: smtp://file.example, from: file@example.com }
      realms: { main: { dialects: { credebl: { passwordKey: file } } } }`
    const config = await read(yaml, {
      PORT: '9090',
      MANYDOORS_SECRET: sampleKey(9).toString('base64'),
      SMTP_URL: 'smtp://env.example',
      CREDEBL_PASSWORD_KEY: 'environment',
      HOST: '',
    })
    assert.equal(config.port, 9090)
    assert.equal(config.host, '10.0.0.1')
    assert.deepEqual(config.masterKey, sampleKey(9))
    assert.deepEqual(config.smtp, { url: 'smtp://env.example', from: 'file@example.com' })
    assert.equal(config.realms[0]?.dialects.credebl?.settings.passwordKey, 'environment')
  })

  it('switches metrics off whatever the environment says of their host, and not of their port', async () => {
    const yaml = 'metrics: off'
    assert.equal((await read(yaml, { MANYDOORS_METRICS_HOST: '::1' })).metrics, undefined)
    const asked = await read(yaml, { MANYDOORS_METRICS_HOST: '::1', MANYDOORS_METRICS_PORT: '9000' })
    assert.deepEqual(asked.metrics, { host: '::1', port: 9000, isRequired: true })
    const off = await read('metrics: { port: 9000 }', { MANYDOORS_METRICS_PORT: 'off' })
    assert.equal(off.metrics, undefined)
  })

  it('is refused for a wrong value even where the environment overrides it', async () => {
    assert.deepEqual(await problems('port: x', { PORT: '9090' }), [
      'port must be a whole number from 0 to 65535 (FILE:1)',
    ])
  })

  it('is refused when it cannot be read', () => {
    const path = join(folder.path, 'missing.yaml')
    assert.throws(() => readConfig({ MANYDOORS_CONFIG: path }), { problems: [`${path} cannot be read`] })
    assert.throws(() => readConfig({ MANYDOORS_CONFIG: folder.path }), {
      problems: [`${folder.path} cannot be read`],
    })
  })

  describe('with variables in it', () => {
    it('takes them from the environment, in text, numbers, words and lists', async () => {
      const config = await read(
        `
        publicUrl: https://\${NAME}.\${DOMAIN:-example.com}
        port: \${PORT_NUMBER}
        trustedProxies: ["\${PROXY}"]
        realms:
          main:
            dialects:
              wolfpal: { requireConfirmedEmail: "\${CONFIRM}", accessLifetime: "\${MINUTES:-10}m" }
              minbil: { clients: [{ brand: { name: "costs $\${NAME}" } }] }`,
        { NAME: 'auth', DOMAIN: '', PORT_NUMBER: '8080', PROXY: '10.0.0.1', CONFIRM: 'false' },
      )
      assert.equal(config.publicUrl, 'https://auth.example.com')
      assert.equal(config.port, 8080)
      assert.deepEqual(config.trustedProxies, ['10.0.0.1'])
      const [realm] = config.realms
      assert.deepEqual(realm?.dialects.wolfpal?.settings, {
        requireConfirmedEmail: false,
        accessLifetime: 600,
      })
      assert.equal(realm?.clients.find(({ dialect }) => dialect === 'minbil')?.brand.name, `costs \${NAME}`)
    })

    it('does not read a value as YAML, nor for further variables', async () => {
      const name = `a: [b] # \${OTHER}`
      const yaml = `realms: { main: { brand: { name: "\${NAME}" } } }`
      const config = await read(yaml, { NAME: name, OTHER: 'other' })
      assert.equal(config.realms[0]?.brand?.name, name)
    })

    it('names those that are unset or unterminated, each with its place, once', async () => {
      const yaml = `port: \${ONE}\nsmtp:\n  url: smtp://\${TWO}@\${TWO}\ntrustedProxies:\n  - \${3}\n  - \${FOUR\n`
      assert.deepEqual(await problems(yaml, { ONE: '', FOUR: '::1' }), [
        'port refers to the variable ONE, which is not set (FILE:1)',
        'smtp.url refers to the variable TWO, which is not set (FILE:3)',
        'trustedProxies[0] names no variable between its braces: double the dollar if none is meant (FILE:5)',
        'trustedProxies[1] lacks the brace that ends a variable: double the dollar if none is meant (FILE:6)',
      ])
    })
  })

  describe('with secrets in files of their own', () => {
    it('reads them without the line end behind them', async () => {
      const url = 'postgres://me:pass@db.example/auth'
      const urlFile = await folder.write(`${url}\n`)
      const config = await read(`
        secretFile: ${await folder.write(`${key}\n`)}
        databaseFile: ${urlFile}
        smtp: { urlFile: ${await folder.write('smtp://user:pass@mail.example\r\n')} }
        sms:
          urlFile: ${await folder.write('https://gateway.example/')}
          authorizationFile: ${await folder.write('Bearer abc\n')}
        realms: { main: { dialects: { credebl: { passwordKeyFile: ${await folder.write('key\n')} } } } }`)
      assert.deepEqual(config.masterKey, sampleKey(7))
      assert.deepEqual(config.database, { engine: 'postgres', url, urlFile })
      assert.equal(config.smtp?.url, 'smtp://user:pass@mail.example')
      assert.equal(config.sms?.authorization, 'Bearer abc')
      assert.equal(config.realms[0]?.dialects.credebl?.settings.passwordKey, 'key')
    })

    it('refuses one beside the same secret, one that cannot be read and one that holds something else', async () => {
      const yaml = `secret: ${key}\nsecretFile: /x\ndatabaseFile: ${folder.path}\nsmtp:\n  urlFile: `
      assert.deepEqual(await problems(yaml + (await folder.write('hunter2'))), [
        'secretFile and secret are both set (FILE:2)',
        `databaseFile cannot be read: ${folder.path} (FILE:3)`,
        'smtp.url must be smtp://… or smtps://… (FILE:4)',
      ])
    })

    it('takes no file for what is no secret', async () => {
      assert.deepEqual(await problems(`hostFile: ${await folder.write('::1')}`), [
        'hostFile is not a setting (FILE:1)',
      ])
    })
  })

  describe('of production', () => {
    const production = { NODE_ENV: 'production' }

    it('is asked for what is missing by its own names', async () => {
      assert.deepEqual(
        await problems('smtp: { url: smtp://mail.example }\nsms: { url: https://x.example }', production),
        [
          'publicUrl (or MANYDOORS_PUBLIC_URL) is missing: the address at which people reach this server',
          'secret (or MANYDOORS_SECRET) is missing: the master key, 32 bytes in base64, or as the path of a file',
          'smtp.from (or MAIL_FROM) is missing: the sender of mails, such as "Example <auth@example.com>"',
          'sms.allowedPrefixes (or SMS_ALLOWED_PREFIXES) is missing: the countries that messages may go to, such as "+47,+46"',
        ],
      )
    })

    it('needs no public URL beside those of its realms, and one for each', async () => {
      const yaml = `
secret: ${key}
realms:
  one: { publicUrl: https://one.example.com }
  two:
    hosts: [two.example.com]
    publicUrl: https://two.example.com
`
      const { publicUrl, realms } = await read(yaml, production)
      assert.equal(publicUrl, 'https://one.example.com')
      assert.deepEqual(
        realms.map(({ publicUrl }) => publicUrl),
        ['https://one.example.com', 'https://two.example.com'],
      )
      assert.deepEqual(await problems(yaml.replace(/publicUrl: .*two.*/, ''), production), [
        'realms.two.publicUrl is missing: the address at which people reach this realm (FILE:5)',
      ])
      assert.deepEqual(await problems(yaml.replace('//two', '//one'), production), [
        'realms.two.publicUrl is the same as that of realms.one',
      ])
    })
  })

  it('is refused in one line for each place that is no YAML, and for nothing else', async () => {
    const wrong: Record<string, RegExp> = {
      'port: 1\nport: 2': /^FILE: line 2 repeats a key$/,
      'port: 1\n\thost: x': /^FILE: line 2 /,
      'smtp: {url: "hunter2': /^FILE: line 1 lacks a character, such as a closing quote or bracket/,
      'host: *hunter2': /^FILE: line 1 refers to an anchor that is not there: put text .* into quotes$/,
      'host: !hunter2 x': /^FILE: line 1 has a tag that is not known: put text .* into quotes$/,
      'smtp:\n  url: hunter2: x': /^FILE: line 2 has a colon too many/,
      'port: 1\n---\nhost: hunter2': /^FILE: line 2 begins a second document$/,
      '- port: 1': /^must be a section of settings \(FILE:1\)$/,
      hunter2: /^must be a section of settings \(FILE:1\)$/,
    }
    for (const [yaml, line] of Object.entries(wrong)) {
      const [problem = '', ...others] = await problems(yaml)
      assert.match(problem, line, yaml)
      assert.deepEqual(others, [], yaml)
      assert.doesNotMatch(problem, /hunter2/)
    }
    assert.equal(
      (await problems('a: &a [x]\nb: [*a,*a]\nport: 1\nport: 2', { NODE_ENV: 'production' })).length,
      1,
    )
  })

  it('may hold anchors and aliases', async () => {
    const { realms } = await read(`
realms:
  one: &one
    hosts: [one.localhost]
    dialects: { minbil: { clients: [{ origins: &origins [https://app.example.com] }] } }
  two:
    <<: *one
    hosts: [two.localhost]
  three:
    hosts: [three.localhost]
    dialects: { wolfpal: { clients: [{ origins: *origins }] } }
`)
    assert.deepEqual(
      realms.map(({ name, hosts, clients }) => [
        name,
        ...hosts,
        ...clients.flatMap(({ origins }) => origins),
      ]),
      ['one', 'two', 'three'].map((name) => [name, `${name}.localhost`, 'https://app.example.com']),
    )
  })
})
