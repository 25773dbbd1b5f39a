import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { register } from '../harness/doors.ts'
import { useServer } from '../harness/harness.ts'
import { operatorOf } from './operator.ts'

describe('the console', () => {
  const server = useServer('sqlite')

  it('weighs at most 25 KB on the first visit of a full list, and its scripts 64 KB as they are', async () => {
    for (let count = 0; count < 55; count++)
      await register(server, { email: `somebody${count}@example.com`, password: 'StrongPass123!' })
    const { browser } = await operatorOf(server)
    const { text } = await browser.open('/admin/realms/main/accounts')
    assert.equal(text.match(/<th scope="row">/g)?.length, 50)
    const page = gzipSync(text).length
    const paths = [...text.matchAll(/(?:src|href)="(\/admin\/assets\/[^"]+)"/g)].map(([, path = '']) => path)
    const files = await Promise.all(
      paths.map(async (path) => {
        const { text } = await server.request('GET', path)
        return { path, packed: gzipSync(text, { level: 9 }).length, raw: text.length }
      }),
    )
    const packed = page + files.reduce((sum, file) => sum + file.packed, 0)
    assert.ok(
      packed <= 25 * 1024,
      `${packed} bytes, of these ${page} of the page and ${JSON.stringify(files)}`,
    )
    const scripts = files.filter(({ path }) => path.endsWith('.js'))
    assert.ok(scripts.length > 0)
    const raw = scripts.reduce((sum, file) => sum + file.raw, 0)
    assert.ok(raw <= 64 * 1024, `${raw} bytes of scripts`)
  })
})
