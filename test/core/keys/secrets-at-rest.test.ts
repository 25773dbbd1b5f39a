import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { select } from '../../harness/database.ts'
import { everyColumn, everyFile } from '../../harness/everything.ts'
import { freshEmail, onEveryEngine, useServer } from '../../harness/harness.ts'
import { found, type Needle, needlesOfPassword, needlesOfToken, tokensIn } from '../../harness/secrets.ts'
import { type Collector, startCollector } from '../../observability/collector.ts'
import { scrape } from '../../observability/scrape.ts'
import { type Used, useEverySecret } from './full-run.ts'

onEveryEngine('secrets at rest', (engine) => {
  const env: Record<string, string> = { LOG_LEVEL: 'trace', MANYDOORS_LOG_REQUESTS: 'true' }
  const collector = {} as Collector
  before(async () => {
    Object.setPrototypeOf(collector, await startCollector())
    env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url
  })
  const server = useServer(engine, { env })
  after(() => collector.close?.())
  const people = [freshEmail(), freshEmail()]
  const names: Needle[] = people.map((email) => ({ what: email, bytes: Buffer.from(email) }))
  let used: Used = { passwords: [], tokens: [] }
  let secrets: Needle[] = []

  before(async () => {
    used = await useEverySecret(server, people)
    const tokens = tokensIn([...server.wire, JSON.stringify(await server.mailbox())].join('\n'))
    assert.ok(used.tokens.length > 10 && used.passwords.length > 5)
    for (const token of used.tokens) assert.ok(tokens.includes(token), `overlooked ${token}`)
    secrets = [...tokens.flatMap(needlesOfToken), ...used.passwords.flatMap(needlesOfPassword)]
  })

  it('would find a token or a password in every form in which it could be stored', () => {
    for (const secret of [...used.tokens, ...used.passwords]) {
      const text = secret.split('.').at(-1) ?? ''
      const bytes = used.passwords.includes(secret) ? Buffer.from(text) : Buffer.from(text, 'base64url')
      const forms = (['hex', 'base64', 'base64url'] as const).map((form) => bytes.toString(form))
      for (const kept of [secret, bytes, ...forms])
        assert.notDeepEqual(found(secrets, Buffer.from(kept)), [], `overlooked ${secret}`)
    }
    assert.deepEqual(found(secrets, Buffer.from(people.join('\n'))), [])
  })

  it('keeps no secret in any column of any table', async () => {
    const columns = await everyColumn(server)
    assert.deepEqual(found(secrets, columns), [])
    assert.deepEqual(found(names, columns), people)
  })

  it('shows no secret and no personal data in its metrics', async () => {
    const { text } = await scrape(server.url)
    assert.deepEqual(found([...secrets, ...names], Buffer.from(text)), [])
  })

  it('keeps no secret in any file', async () => {
    const files = await everyFile(server)
    assert.deepEqual(found(secrets, files), [])
    assert.deepEqual(found(names, files), engine === 'sqlite' ? people : [])
  })

  it('keeps no secret in any file after a restart', async () => {
    await server.restart()
    const files = await everyFile(server)
    assert.deepEqual(found(secrets, files), [])
    assert.deepEqual(found(names, files), engine === 'sqlite' ? people : [])
  })

  it('sends no secret and no personal data with its traces', async () => {
    // Sends what is left of those until now.
    await server.restart()
    for (const name of ['POST /auth/signin', 'send mail', 'INSERT', 'password verify'])
      assert.ok(
        collector.spans.some((span) => span.name === name),
        name,
      )
    assert.ok(collector.spans.length > 200)
    assert.deepEqual(found([...secrets, ...names], Buffer.concat(collector.bytes)), [])
  })

  it('writes no secret into the log', async () => {
    const lines = Buffer.from(server.log.map((line) => JSON.stringify(line)).join('\n'))
    assert.deepEqual(found(secrets, lines), [])
    const accounts = await select(server.env.DATABASE_URL ?? '', 'select id from accounts')
    const ids = accounts.map(({ id }) => ({ what: String(id), bytes: Buffer.from(String(id)) }))
    assert.equal(ids.length, people.length)
    assert.equal(found(ids, lines).length, ids.length)
  })
})
