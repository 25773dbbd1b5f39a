import type { FastifyRequest } from 'fastify'
import { AuthError } from '../core/errors.ts'
import { parseJson } from './json.ts'
import type { App } from './types.ts'
import { parseFields } from './urlencoded.ts'

/**
 * Reads JSON and urlencoded bodies, on GET too: `@pm2/js-api` sends `{}` with every GET. An empty body is legal
 * whatever its headers say (axios and fetch label bodies that they do not send); any other is what they say, in UTF-8
 * and not compressed, or it is refused. Keys that reach a prototype are dropped.
 */
export function readBodies(app: App): void {
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true })
  app.removeAllContentTypeParsers()

  app.addContentTypeParser(
    /^application\/([\w.-]+\+)?json(;|$)/i,
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) =>
      body.length === 0 ? undefined : parseJson(decodeBody(request, body)),
  )
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => parseFields(decodeBody(request, body)),
  )
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) => {
    if (body.length > 0) throw new AuthError('unsupported_media_type')
  })
}

/** A mark at the beginning is left in: JSON may have one, and is read without it. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Every character as it was sent: one that was lost could be a password's. */
function decodeBody({ headers }: FastifyRequest, body: Buffer): string {
  if (body.length === 0) return ''
  if (isEncoded(headers)) throw new AuthError('unsupported_media_type', { reason: 'encoded' })
  const charsets = charsetsOf(headers['content-type'])
  const isReadable = charsets.every((charset) => /^(utf-?8|us-ascii)$/i.test(charset))
  if (!isReadable) throw new AuthError('unsupported_media_type', { reason: 'charset' })
  const isAscii = charsets.some((charset) => /ascii/i.test(charset))
  if (isAscii && body.some((byte) => byte > 0x7f)) throw new AuthError('bad_request', { reason: 'not_utf8' })
  try {
    return utf8.decode(body)
  } catch {
    throw new AuthError('bad_request', { reason: 'not_utf8' })
  }
}

/** RFC 9110 §8.4, RFC 9112 §7 */
function isEncoded(headers: FastifyRequest['headers']): boolean {
  const plain = ['', 'identity', 'chunked']
  const codings = `${headers['content-encoding'] ?? ''},${headers['transfer-encoding'] ?? ''}`.split(',')
  return codings.some((coding) => !plain.includes(coding.trim().toLowerCase()))
}

/** All that a `Content-Type` names: a client that names two may have meant either. */
function charsetsOf(contentType = ''): string[] {
  const named = contentType.matchAll(/;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]*))/gi)
  return [...named].map(([, quoted, token]) => quoted ?? token ?? '')
}
