import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { select } from '../harness/database.ts'
import { useServer } from '../harness/harness.ts'
import { formsOf } from '../pages/html.ts'
import { consoleSettings, seedConsole } from './console-pages.ts'
import { operatorOf } from './operator.ts'

describe('a form of the console', () => {
  const server = useServer('sqlite', { yaml: consoleSettings })

  it('does nothing for another site or host, nor without the key that was made for the browser', async () => {
    const { cookie, pages } = await seedConsole(server)
    const other = await operatorOf(server)
    const foreignKey = keyIn((await other.browser.open('/admin/access')).text)
    const headers = { cookie }
    const rowsBefore = await countRows()
    const tried = new Set<string>()
    for (const { path } of Object.values(pages)) {
      const page = await server.request('GET', path, { headers })
      for (const { action, fields } of formsOf(page)) {
        if (tried.has(action) || action === '/admin/language') continue
        tried.add(action)
        const form = { ...fields, reason: 'Sent from elsewhere', form: fields.form ?? '' }
        const { form: _key, ...withoutKey } = form
        const attempts = {
          'cross-site': { form, headers: { ...headers, 'sec-fetch-site': 'cross-site' } },
          'same-site': { form, headers: { ...headers, 'sec-fetch-site': 'same-site' } },
          'without a key': { form: withoutKey, headers },
          'with a foreign key': { form: { ...form, form: foreignKey }, headers },
        }
        for (const [how, options] of Object.entries(attempts)) {
          const answer = await server.request('POST', action, options)
          assert.equal(answer.status, 403, `${action}, ${how}`)
        }
      }
    }
    assert.ok(tried.size > 25, [...tried].join())
    assert.equal(await countRows(), rowsBefore, 'nothing of it is in the audit trail')
  })

  async function countRows(): Promise<number> {
    const [row] = await select(
      server.env.DATABASE_URL ?? '',
      "select count(*) as count from audit where event <> 'request.refused'",
    )
    return Number(row?.count)
  }
})

function keyIn(html: string): string {
  return / name="form" value="([^"]+)"/.exec(html)?.[1] ?? ''
}
