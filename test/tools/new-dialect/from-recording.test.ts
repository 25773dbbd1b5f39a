import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { minbil } from '../../dialects/minbil/adapter.ts'
import { startTestServer } from '../../harness/harness.ts'
import { useAllOf } from './all-routes.ts'
import { openWorkshop, resultsOf } from './generated.ts'
import { type Recording, recorded } from './recording.ts'

describe('a door made of a recording of Minbil', () => {
  const workshop = openWorkshop()
  let recording: Recording
  let output: string
  before(async () => {
    const server = await startTestServer('sqlite')
    const recorder = recorded(server)
    await useAllOf(minbil, recorder.server).finally(server.close)
    recording = recorder.har()
    const made = workshop.make('recorded.har', JSON.stringify(recording))
    assert.equal(made.status, 0, made.output)
    output = made.output
  })
  after(workshop.close)

  it('compiles', () => {
    const { status, output } = workshop.typeCheck()
    assert.equal(status, 0, output)
  })

  it('keeps the contract in all but what a person must decide', () => {
    const { passed, failed } = resultsOf(workshop.runContract().output)
    assert.ok(passed >= 180, `${passed} passed`)
    // Minbil has no route but signing out that takes an access token and nothing else.
    assert.deepEqual(failed, ['is refused once expired, while the session lives on'])
  })

  it('has every route under its path, and the words of every refusal that was seen', () => {
    const { 'routes.ts': routes = '', 'errors.ts': errors = '', 'index.ts': index = '' } = workshop.files()
    for (const { path } of minbil.routes)
      assert.ok(routes.includes(`\`\${base}${path.slice('/api/co/auth'.length)}\``), path)
    assert.match(index, /prefixes: \['\/api\/co\/auth'\]/)
    assert.match(index, /accessLifetime: 3600/)
    assert.match(
      errors,
      /email_taken: row\(409, 'email_exists', 'An account with this email already exists\.'\)/,
    )
    assert.match(
      errors,
      /credentials_invalid: row\(401, 'invalid_credentials', 'Invalid email or password\.'\)/,
    )
    assert.match(errors, /contentType: 'application\/problem\+json; charset=utf-8'/)
    assert.match(routes, /const cookieName = '__Secure-minbil-refresh'/)
  })

  it('holds nothing that was sent or answered but names, words and numbers of the API', () => {
    const generated = Object.values(workshop.files()).join('\n')
    const secrets = secretsIn(recording)
    assert.ok(secrets.length > 40, `only ${secrets.length}`)
    for (const secret of secrets) assert.ok(!generated.includes(secret) && !output.includes(secret), secret)
  })

  it('prints every place that is left to decide, with its file and line', () => {
    const files = workshop.files()
    const places = [...output.matchAll(/^ {2}(\S+\.ts):(\d+) (.+)$/gm)]
    const marks = Object.values(files).flatMap((text) => [...text.matchAll(/\/\/ DECIDE: /g)])
    assert.equal(places.length, marks.length)
    assert.match(output, new RegExp(`^${marks.length} places are left to decide, marked with DECIDE:$`, 'm'))
    for (const [, file = '', line, what] of places)
      assert.ok(files[file]?.split('\n')[Number(line) - 1]?.endsWith(`// DECIDE: ${what}`))
  })
})

/** Passwords, addresses, tokens and ids of the recording. */
function secretsIn({ log }: Recording): string[] {
  const bodies = log.entries.flatMap(({ request, response }) => [
    request.postData?.text,
    response.content.text,
  ])
  const texts = bodies.flatMap((text) =>
    [...(text ?? '').matchAll(/"([^"\\]{8,})"/g)].map(([, value = '']) => value),
  )
  return texts.filter((text) => /@|[\da-f]{8}-|^eyJ|^[\w-]{30,}$|secret|correct horse/.test(text))
}
