import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { makeCertificates } from '../harness/certificates.ts'
import { runCommand } from '../harness/command.ts'
import { select } from '../harness/database.ts'
import { eventually } from '../harness/events.ts'
import { newMasterKey } from '../harness/master-keys.ts'
import { startProgram } from '../harness/program.ts'
import { type OwnPostgres, startOwnPostgres } from './own-postgres.ts'

describe('TLS to PostgreSQL, with a private CA', () => {
  let folder = ''
  let postgres: OwnPostgres
  const file = (name: string) => join(folder, name)
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-tls-'))
    await makeCertificates(folder)
    postgres = await startOwnPostgres()
    await turnTlsOn(postgres.url, folder)
  })
  after(async () => {
    await postgres?.remove()
    await rm(folder, { recursive: true, force: true })
  })

  /** The address with the name of the certificate, or by another one, and a query. */
  const at = (host: string, query: string) => postgres.url.replace('127.0.0.1', host) + query

  /** Whether a server comes up, over TLS or not, or in which words it does not. */
  const outcome = async (url: string): Promise<string> => {
    const env = { DATABASE_URL: url, MANYDOORS_SECRET: key, MANYDOORS_DATA: folder, LOG_LEVEL: 'silent' }
    const checked = await runCommand({ env }, ['config', 'check'])
    assert.equal(checked.code, 0, checked.stderr)
    const program = await startProgram(env).catch((error: Error) => error)
    if (program instanceof Error)
      return String(/unable to verify|does not match|self-signed/.exec(program.message))
    const rows = await select(
      postgres.url,
      `select ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'manydoors'`,
    )
    const { stderr } = await program.stop()
    assert.equal(stderr, '')
    await eventually('the end of its connections', async () => {
      const left = await select(
        postgres.url,
        `select pid from pg_stat_activity where application_name = 'manydoors'`,
      )
      return left.length === 0 || undefined
    })
    assert.ok(rows.length > 0)
    return rows.every(({ ssl }) => ssl === true) ? 'TLS' : 'plain'
  }
  const key = newMasterKey()

  it('is used as the URL says, without a warning', async () => {
    assert.equal(await outcome(at('localhost', '')), 'plain')
    assert.equal(await outcome(at('localhost', '?sslmode=disable')), 'plain')
    assert.equal(await outcome(at('localhost', '?sslmode=no-verify')), 'TLS')
    assert.equal(await outcome(at('localhost', `?sslmode=verify-full&sslrootcert=${file('ca.crt')}`)), 'TLS')
  })

  it('is never weaker than its mode says: all but no-verify check the certificate and the name', async () => {
    for (const word of ['prefer', 'require', 'verify-ca', 'verify-full'])
      assert.equal(await outcome(at('localhost', `?sslmode=${word}`)), 'unable to verify', word)
    for (const word of ['require', 'verify-ca'])
      assert.equal(
        await outcome(at('127.0.0.1', `?sslmode=${word}&sslrootcert=${file('ca.crt')}`)),
        'does not match',
      )
  })
})

/** Has the server itself write the files, which must be its own user's. */
async function turnTlsOn(url: string, folder: string): Promise<void> {
  for (const name of ['server.key', 'server.crt']) {
    const text = (await readFile(join(folder, name))).toString('base64')
    await select(url, `copy (select '${text}') to program 'umask 077; base64 -d > ${name}'`)
  }
  await select(url, 'alter system set ssl = on')
  await select(url, 'select pg_reload_conf()')
  await eventually('TLS', async () => {
    const [row] = await select(url, 'show ssl')
    return row?.ssl === 'on' || undefined
  })
}
