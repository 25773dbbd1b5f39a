import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openWorkshop } from './generated.ts'

describe('a door made of an OpenAPI document', () => {
  const workshop = openWorkshop()
  let files: Record<string, string>
  before(() => {
    const document = readFileSync(join(import.meta.dirname, 'club.openapi.yaml'), 'utf8')
    const { status, output } = workshop.make('openapi.yaml', document)
    assert.equal(status, 0, output)
    files = workshop.files()
  })
  after(workshop.close)

  it('reads paths behind references and servers, and which fields may be left out', () => {
    assert.match(files['index.ts'] ?? '', /prefixes: \['\/v2\/auth'\]/)
    assert.match(files['routes.ts'] ?? '', /firstName: optional\(fields\.firstName\)/)
    assert.match(
      files['routes.ts'] ?? '',
      /expiresIn: \(tokens\.accessExpiresAt - tokens\.issuedAt\) \/ 1000/,
    )
  })

  it('takes the words of refusals out of examples', () => {
    const { 'errors.ts': errors = '' } = files
    assert.match(errors, /email_taken: row\(409, 'MEMBER_EXISTS', 'There is a member with this address\.'\)/)
    assert.match(errors, /body: \{ success: false, error: \{ code, message \} \}/)
  })

  it('leaves a route that it does not understand to a person', () => {
    assert.match(files['routes.ts'] ?? '', /DECIDE: GET \/v2\/auth\/badges\/:badge was seen/)
  })
})
