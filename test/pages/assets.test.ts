import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { authorizePath, webClient } from '../dialects/pm2/door.ts'
import { useServer } from '../harness/harness.ts'
import { plainBrowser } from './jar.ts'

const templates = join(import.meta.dirname, '../../src/pages/templates')
const assetPath = /\/ui\/assets\/[\da-f]{16}\/[\w.-]+/g

describe('what pages load', () => {
  const server = useServer('sqlite')
  const loadedBy = (text: string) => [...new Set(text.match(assetPath))]

  it('is named by what is in it, kept for ever, and packed where the browser takes that', async () => {
    const { text } = await server.request('GET', '/ui/signed-out')
    const paths = loadedBy(text)
    assert.ok(paths.length >= 2)
    for (const path of paths) {
      const plain = await server.request('GET', path, { headers: { 'accept-encoding': 'identity' } })
      assert.equal(plain.status, 200)
      assert.equal(plain.headers.get('cache-control'), 'public, max-age=31536000, immutable')
      assert.equal(plain.headers.get('vary'), 'Accept-Encoding')
      assert.equal(plain.headers.get('x-content-type-options'), 'nosniff')
      assert.equal(plain.headers.get('content-encoding'), null)
      assert.equal(createHash('sha256').update(plain.text).digest('hex').slice(0, 16), path.split('/')[3])
      const packed = await server.request('GET', path, { headers: { 'accept-encoding': 'gzip' } })
      assert.equal(packed.headers.get('content-encoding'), 'gzip')
    }
  })

  it('is not there under another hash or name', async () => {
    const [path = ''] = loadedBy((await server.request('GET', '/ui/signed-out')).text)
    const [, , , hash = '', name = ''] = path.split('/')
    for (const wrong of [`0000000000000000/${name}`, `${hash}/other.css`, `${hash}/..%2f${name}`, `${hash}`])
      assert.equal((await server.request('GET', `/ui/assets/${wrong}`)).status, 404, wrong)
  })

  it('weighs at most 12 KB on the first visit of the sign-in, and scripts 18 KB as they are', async () => {
    const { text } = await plainBrowser(server).open(authorizePath(webClient))
    let bytes = gzipSync(text).length
    for (const path of loadedBy(text)) {
      const { text: body } = await server.request('GET', path)
      if (!path.endsWith('.js')) bytes += gzipSync(body, { level: 9 }).length
    }
    assert.ok(bytes <= 12 * 1024, `${bytes} bytes`)
    const scripts = readdirSync(join(templates, '../assets')).filter((file) => file.endsWith('.js'))
    const own = scripts.map((file) => readFileSync(join(templates, '../assets', file)).length)
    assert.ok(own.reduce((sum, length) => sum + length, 0) <= 6 * 1024, own.join())
    const loaded = loadedBy(text).filter((path) => path.endsWith('.js'))
    const raw = await Promise.all(loaded.map(async (path) => (await server.request('GET', path)).text.length))
    assert.ok(raw.reduce((sum, length) => sum + length, 0) <= 18 * 1024, raw.join())
  })
})

describe('the templates of pages', () => {
  it('hold no style, no handler and no script of their own', () => {
    const files = readdirSync(templates).filter((file) => file.endsWith('.liquid'))
    assert.ok(files.length > 20)
    for (const file of files) {
      const text = readFileSync(join(templates, file), 'utf8')
      assert.doesNotMatch(text, /\sstyle\s*=|<style|\son\w+\s*=|javascript:/i, file)
      for (const [script] of text.matchAll(/<script[^>]*>.{0,20}/gs))
        assert.match(script, /^<script [^>]*src="\{\{ site\.assets\['[\w.-]+'\] \}\}"[^>]*><\/script>/, file)
    }
  })
})
