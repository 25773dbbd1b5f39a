import sjson from 'secure-json-parse'
import { AuthError } from '../core/errors.ts'
import type { App } from './app.ts'

/**
 * Reads JSON and urlencoded bodies, on GET too: `@pm2/js-api` sends `{}` with every GET. An empty body is legal
 * whatever its type says (axios and fetch label bodies that they do not send). Keys that reach a prototype are dropped.
 */
export function readBodies(app: App): void {
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true })
  app.removeAllContentTypeParsers()

  app.addContentTypeParser(
    /^application\/([\w.-]+\+)?json(;|$)/i,
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => (body.length === 0 ? undefined : parseJson(body)),
  )
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => parseForm(body.toString('utf8')),
  )
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => {
    if (body.length > 0) throw new AuthError('unsupported_media_type')
  })
}

function parseJson(body: Buffer): unknown {
  try {
    return sjson.parse(body, undefined, { protoAction: 'remove', constructorAction: 'remove' })
  } catch {
    throw new AuthError('bad_request')
  }
}

/** Fields that come more than once are lists, and so are those whose name ends in `[]`, as axios writes them. */
function parseForm(body: string): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = Object.create(null)
  for (const [key, value] of new URLSearchParams(body)) {
    const name = key.replace(/\[\]$/, '')
    const earlier = fields[name] ?? (name === key ? undefined : [])
    fields[name] = earlier === undefined ? value : [earlier, value].flat()
  }
  return fields
}
