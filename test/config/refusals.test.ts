import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { settingsIn, useFolder } from './settings-file.ts'

describe('a settings file that is wrong', () => {
  const { read, problems } = settingsIn(useFolder())

  it('has every unknown key and every bad value named with its path and line, and no value repeated', async () => {
    assert.deepEqual(
      await problems(`publicURL: hunter2
port: hunter2
host: 5
logLevel: hunter2
secret: hunter2
previousSecrets: hunter2
database: mysql://root:hunter2@db
trustedProxies: [10.0.0.1, hunter2]
keys: { rotateEvery: hunter2 }
smtp:
  url: http://user:hunter2@mail.example
  smtp://user:hunter2@mail.example: x
sms: hunter2
limits:
  sign-in-address: { points: 0, per: 15 }
  login-address: hunter2
  probe-address: { points: 1 }
  hunter: off
realms:
  Main:
  main:
    hosts: [auth.example.com:443, 'https://auth.example.com']
    publicUrl: hunter2
    password: { minLength: 7, maxLength: 5000 }
    brand: { colour: red, logoUrl: http://example.com/logo.png }
    dialects:
      hunter: {}
      minbil: { rotation: static, accessLifetime: 1s, maxSessions: 0, requireConfirmedEmail: true }
      credebl: { passwordKey: '', enabled: maybe }
      vastly:
        idleLifetime: 1h
        clients:
          - id: 795984050
            origins: [http://localhost:3000, 'https://x.example.com/', '*']
            redirectUris: ['https://x.example.com/?a=b', 'javascript:alert(1)', /path]
            frontEndUrl: x
            kind: other
            settings: { codeLength: 5, native: true }
      wolfpal: { requireConfirmedEmail: 1 }
      pm2: { enumeration: none, registration: false, rotation: static }
`),
      [
        'publicURL is not a setting (FILE:1)',
        'port must be a whole number from 0 to 65535 (FILE:2)',
        'host must be text: put it into quotes (FILE:3)',
        'logLevel must be one of trace, debug, info, warn, error, fatal, silent (FILE:4)',
        'secret must be 32 bytes in base64 (openssl rand -base64 32) (FILE:5)',
        'previousSecrets must be keys of 32 bytes in base64, separated by commas (FILE:6)',
        'database must be sqlite:PATH or postgres://… (FILE:7)',
        'trustedProxies[1] must be an address or a range such as 10.0.0.0/8 (FILE:8)',
        'keys.rotateEvery must be a time from 1d to 3650d, written as 90s, 15m, 12h, 30d or 4w (FILE:9)',
        'smtp.url must be smtp://… or smtps://… (FILE:11)',
        'smtp.(a key that is no name) is not a setting (FILE:12)',
        'sms must be a section of settings (FILE:13)',
        'limits.sign-in-address.points must be a whole number from 1 to 1000000 (FILE:15)',
        'limits.sign-in-address.per must be a time from 1s to 366d, written as 90s, 15m, 12h, 30d or 4w (FILE:15)',
        'limits.login-address must be off, or have points and per, such as { points: 10, per: 15m } (FILE:16)',
        'limits.probe-address.per must be a time from 1s to 366d, written as 90s, 15m, 12h, 30d or 4w (FILE:17)',
        'limits.hunter is not a setting (FILE:18)',
        'realms.Main is no name for a realm: it is up to 32 small letters, digits and hyphens (FILE:20)',
        ...[0, 1].map(
          (index) =>
            `realms.main.hosts[${index}] must be a host name such as auth.example.com, without a port (FILE:22)`,
        ),
        'realms.main.publicUrl must be a URL such as https://auth.example.com (FILE:23)',
        'realms.main.password.minLength must be a whole number from 8 to 64 (FILE:24)',
        'realms.main.password.maxLength must be a whole number from 64 to 1024 (FILE:24)',
        'realms.main.brand.logoUrl must be a URL such as https://example.com/logo.png (FILE:25)',
        'realms.main.brand.colour is not a setting (FILE:25)',
        'realms.main.dialects.hunter is not a setting (FILE:27)',
        'realms.main.dialects.minbil.accessLifetime must be a time from 1m to 24h, written as 90s, 15m, 12h, 30d or 4w (FILE:28)',
        'realms.main.dialects.minbil.maxSessions must be a whole number from 1 to 1000 (FILE:28)',
        'realms.main.dialects.minbil.rotation must be one of grace, untilConfirmed (FILE:28)',
        'realms.main.dialects.minbil.requireConfirmedEmail is not a setting (FILE:28)',
        'realms.main.dialects.credebl.passwordKey must be text (FILE:29)',
        'realms.main.dialects.credebl.enabled must be true or false (FILE:29)',
        'realms.main.dialects.vastly.idleLifetime is not a setting (FILE:31)',
        'realms.main.dialects.vastly.clients[0].id must be text: put it into quotes (FILE:33)',
        ...[1, 2].map(
          (index) =>
            `realms.main.dialects.vastly.clients[0].origins[${index}] must be an origin such as https://app.example.com, or that of an app, such as capacitor://localhost: a scheme and a host in small letters and no path, never null or file: (FILE:34)`,
        ),
        ...[0, 1, 2].map(
          (index) =>
            `realms.main.dialects.vastly.clients[0].redirectUris[${index}] must be an address such as https://app.example.com/path, without query and fragment; the scheme of an app has a dot (com.example.app:/path) or a host (myapp://path) (FILE:35)`,
        ),
        'realms.main.dialects.vastly.clients[0].frontEndUrl must be a URL such as https://app.example.com (FILE:36)',
        'realms.main.dialects.vastly.clients[0].kind must be one of default, registered (FILE:37)',
        'realms.main.dialects.vastly.clients[0].settings.codeLength must be a whole number from 6 to 10 (FILE:38)',
        'realms.main.dialects.vastly.clients[0].settings.native is not a setting (FILE:38)',
        'realms.main.dialects.wolfpal.requireConfirmedEmail must be true or false (FILE:39)',
        'realms.main.dialects.pm2.enumeration must be one of documented, hidden (FILE:40)',
        'realms.main.dialects.pm2.registration must be one of on, off (FILE:40)',
        'realms.main.dialects.pm2.rotation is not a setting (FILE:40)',
      ],
    )
  })

  it('has contradictions named, too', async () => {
    assert.deepEqual(
      await problems(`
realms:
  one:
    port: 1
    dialects:
  zero:
    hosts: [zero.localhost]
    dialects: {}
  two:
    hosts: [a.example.com, b.example.com]
  three:
  four:
    hosts: [c.example.com, A.example.com]
    dialects:
      vastly: { clients: [{ id: x }, { id: y }, { id: X }] }
      minbil: { clients: [{ origins: [] }, { id: minbil }, { id: app, kind: default }] }
`),
      [
        'realms.one.port is not a setting (FILE:4)',
        'realms.one.dialects must name the doors of the realm (FILE:5)',
        'realms.zero.dialects must name the doors of the realm (FILE:8)',
        'realms.three has no hosts, like realms.one (FILE:11)',
        'realms.four.hosts[1] is the same as realms.two.hosts[0] (FILE:13)',
        'realms.four.dialects.vastly.clients[2].id is the same as realms.four.dialects.vastly.clients[0].id (FILE:15)',
        'realms.four.dialects.minbil.clients[1].id is the same as realms.four.dialects.minbil.clients[0].id (FILE:16)',
        'realms.four.dialects.minbil.clients[1] is the default client, like realms.four.dialects.minbil.clients[0] (FILE:16)',
        'realms.four.dialects.minbil.clients[2] is the default client, like realms.four.dialects.minbil.clients[0] (FILE:16)',
      ],
    )
  })

  it('may name no address that a browser cannot be sent to as it stands', async () => {
    const rule =
      'must have ASCII characters alone: percent-encode the path, and write the host in punycode (xn--…)'
    const clients = 'realms.main.dialects.pm2.clients'
    assert.deepEqual(
      await problems(
        `publicUrl: https://påmelding.example.com
realms:
  main:
    publicUrl: https://auth.example.com/påmelding
    dialects:
      pm2:
        clients:
          - origins: [https://blåbær.example.com]
            redirectUris: [https://app.example.com/takk/blåbær, 'com.example.blåbær:/back', "https://a.example/\\r\\nx"]
            frontEndUrl: https://app.example.com/→
          - id: '1'
            origins: [https://xn--blbr-roah.example.com]
            redirectUris: [https://app.example.com/takk/bl%C3%A5b%C3%A6r]
            frontEndUrl: https://app.example.com/%E2%86%92
`,
        { MANYDOORS_PUBLIC_URL: 'https://auth.example.com/ø' },
      ),
      [
        `MANYDOORS_PUBLIC_URL ${rule}`,
        `publicUrl ${rule} (FILE:1)`,
        `realms.main.publicUrl ${rule} (FILE:4)`,
        `${clients}[0].origins[0] ${rule} (FILE:8)`,
        ...[0, 1, 2].map((index) => `${clients}[0].redirectUris[${index}] ${rule} (FILE:9)`),
        `${clients}[0].frontEndUrl ${rule} (FILE:10)`,
      ],
    )
  })

  it('may name no address of which others could read another host', async () => {
    const clients = 'realms.main.dialects.credebl.clients'
    const user = 'must have no user name and no password'
    assert.deepEqual(
      await problems(
        `realms:
  main:
    brand: { logoUrl: https://example.com@evil.example/logo.png }
    dialects:
      credebl:
        clients:
          - redirectUris: ['https://app.example.com\\@evil.example', 'https://app.example.com@evil.example']
            frontEndUrl: https://app.example.com:443@evil.example
            brand: { logoUrl: https://:secret@example.com/logo.png }
`,
        {},
      ),
      [
        `realms.main.brand.logoUrl ${user} (FILE:3)`,
        ...[0, 1].map(
          (index) =>
            `${clients}[0].redirectUris[${index}] must be an address such as https://app.example.com/path, without query and fragment; the scheme of an app has a dot (com.example.app:/path) or a host (myapp://path) (FILE:7)`,
        ),
        `${clients}[0].frontEndUrl ${user} (FILE:8)`,
        `${clients}[0].brand.logoUrl ${user} (FILE:9)`,
      ],
    )
  })

  it('may make hashing no weaker than OWASP allows, and no costlier than the maximum', async () => {
    const allowed = [
      [46, 1],
      [19, 2],
      [12, 3],
      [9, 4],
      [7, 5],
      [7, 16],
      [256, 16],
    ] as const
    for (const [memory, passes] of allowed)
      assert.deepEqual((await read(`hashing: { memory: ${memory}, passes: ${passes} }`)).hashing, {
        memory,
        passes,
      })

    const owasp = 'OWASP allows no less than 46 MiB with 1 pass, 19 with 2, 12 with 3, 9 with 4, 7 with 5'
    const range = 'memory must be a whole number from 7 to 256'
    const refusals = {
      '{ memory: 45, passes: 1 }': [`memory must be at least 46 with 1 pass: ${owasp}`],
      '{ memory: 18, passes: 2 }': [`memory must be at least 19 with 2 passes: ${owasp}`],
      '{ memory: 11, passes: 3 }': [`memory must be at least 12 with 3 passes: ${owasp}`],
      '{ memory: 8, passes: 4 }': [`memory must be at least 9 with 4 passes: ${owasp}`],
      '{ memory: 6, passes: 5 }': [range, `memory must be at least 7 with 5 passes: ${owasp}`],
      '{ memory: 12 }': [`memory must be at least 19 with 2 passes: ${owasp}`],
      '{ passes: 1 }': [`memory must be at least 46 with 1 pass: ${owasp}`],
      '{ memory: 257 }': [range],
      '{ memory: 19.5 }': [range],
      '{ memory: 64MiB }': [range],
      '{ passes: 17 }': ['passes must be a whole number from 1 to 16'],
      '{ passes: 0 }': ['passes must be a whole number from 1 to 16'],
      '{ lanes: 4 }': ['lanes is not a setting'],
    }
    for (const [given, expected] of Object.entries(refusals))
      assert.deepEqual(
        await problems(`port: 1\nhashing: ${given}`),
        expected.map((problem) => `hashing.${problem} (FILE:2)`),
        given,
      )
    const inLines = 'port: x\nhashing:\n  passes: 1\n  memory: 45'
    assert.deepEqual(await problems(inLines), [
      'port must be a whole number from 0 to 65535 (FILE:1)',
      `hashing.memory must be at least 46 with 1 pass: ${owasp} (FILE:4)`,
    ])
    const fromVariable = await read(`hashing: { memory: "\${MIB}" }`, { MIB: '64' })
    assert.deepEqual(fromVariable.hashing, { memory: 64, passes: 2 })
  })

  it('has its contradictions with the environment named where they are', async () => {
    const found = await problems(
      'sms: { url: "twilio://AC1:hunter2@api.twilio.com", body: "to={to}&text={text}" }\nport: x',
      { SMS_AUTHORIZATION: 'Bearer hunter2', MANYDOORS_COLOUR: 'red' },
    )
    assert.deepEqual(found, [
      'MANYDOORS_COLOUR is not a setting',
      'port must be a whole number from 0 to 65535 (FILE:2)',
      'sms.from (or SMS_FROM) is missing: who sends the messages',
      'sms.body (or SMS_BODY) and SMS_AUTHORIZATION are not for Twilio, whose form is known',
    ])
  })
})
