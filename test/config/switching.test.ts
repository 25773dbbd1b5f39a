import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readConfig } from '../../src/config/read-config.ts'
import { useFolder } from './settings-file.ts'

const generic = `generic: { path: /in, body: { email: '{email}' }, right: { status: 200 }, wrong: { status: 401 } }`

describe('the old server of a door', () => {
  const folder = useFolder()
  const read = async (door: string, switching: string) => {
    const text = `realms: { main: { dialects: { ${door}: { switching: { ${switching} } } } } }`
    const { realms } = readConfig({ MANYDOORS_CONFIG: await folder.write(text) })
    return realms[0]?.dialects[door]?.switching
  }

  it('needs nothing but where it is', async () => {
    assert.deepEqual(await read('minbil', 'upstream: https://old.example.com/'), {
      upstream: 'https://old.example.com',
      verify: 'pending',
      authority: 'new',
      timeoutSeconds: 3,
      concurrency: 8,
      perMinute: 300,
      forwardAddress: true,
      allowPrivate: false,
      options: {},
    })
  })

  it('is asked until the end of a day in UTC', async () => {
    const switching = await read('minbil', 'upstream: https://old.example.com, until: 2027-03-01')
    assert.equal(switching?.until, Date.UTC(2027, 2, 2))
  })

  it('is asked as its dialect wants, or as it is described', async () => {
    const client = 'clientId: abc, origin: https://app.example.com, path: /api/in'
    const own = await read('vastly', `upstream: https://old.example.com, ${client}`)
    assert.deepEqual(own?.options, { clientId: 'abc', origin: 'https://app.example.com', path: '/api/in' })
    const described = await read('vastly', `upstream: https://old.example.com, ${generic}`)
    assert.equal(described?.generic?.path, '/in')
    assert.deepEqual(described?.options, {})
  })

  const refused: [what: string, door: string, switching: string, problem: RegExp][] = [
    ['without an address', 'minbil', 'verify: pending', /\.upstream is missing/],
    ['in the clear', 'minbil', 'upstream: http://old.example.com', /\.upstream must begin with https/],
    ['with a path', 'minbil', 'upstream: https://old.example.com/api', /\.upstream must have nothing behind/],
    [
      'with a password',
      'minbil',
      'upstream: https://me:pw@old.example.com',
      /\.upstream must hold no password/,
    ],
    ['in a private network', 'minbil', 'upstream: https://10.0.0.1', /\.upstream is an address to which no/],
    [
      'at a cloud’s metadata',
      'minbil',
      'upstream: https://169.254.169.254, allowPrivate: true',
      /\.upstream is an address to which no/,
    ],
    [
      'of vastly without its client',
      'vastly',
      'upstream: https://old.example.com',
      /\.clientId must be the id/,
    ],
    [
      'with another dialect’s settings',
      'minbil',
      'upstream: https://old.example.com, clientId: abc',
      /\.clientId is not a setting/,
    ],
    [
      'with its dialect’s settings beside a description',
      'vastly',
      `upstream: https://old.example.com, clientId: abc, ${generic}`,
      /\.clientId has no meaning beside generic/,
    ],
    [
      'until a day that there is not',
      'minbil',
      'upstream: https://old.example.com, until: 2027-02-30',
      /\.until must be a day such as/,
    ],
  ]
  for (const [what, door, switching, problem] of refused) {
    it(`is refused ${what}`, async () => {
      await assert.rejects(read(door, switching), problem)
    })
  }
})
