import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AuthError } from '../core/errors.ts'
import type { App } from '../http/types.ts'

/** What a page may load beside itself. */
export interface Asset {
  name: string
  type: string
  body: Buffer
}

/** The files that pages load, under paths that change with what is in them, so that browsers may keep them for ever. */
export interface Assets {
  /** By their names, such as `style.css`. */
  paths: Record<string, string>
  /** Of a file that is made when it is asked for; `undefined` where there is none of that name. */
  pathOf(name: string): string | undefined
  /** `undefined` unless both the hash and the name are those of today. */
  find(hash: string, name: string): PackedAsset | undefined
}

interface PackedAsset extends Asset {
  /** Packed once: a page is asked for more often than it changes. */
  gzip: Buffer
}

/**
 * Packs the files once and names each by the first 16 hexadecimal digits of its SHA-256. `make` makes further ones out of
 * nothing but their names.
 */
export function packAssets(
  files: Asset[],
  {
    at = '/ui/assets',
    make = () => undefined,
  }: { at?: string; make?: (name: string) => Asset | undefined } = {},
): Assets {
  const packed = new Map<string, PackedAsset>()
  const paths: Record<string, string> = {}
  const pathTo = (file: Asset) => `${at}/${hashOf(file)}/${file.name}`
  for (const file of files) {
    packed.set(`${hashOf(file)}/${file.name}`, pack(file))
    paths[file.name] = pathTo(file)
  }
  return {
    paths,
    pathOf: (name) => {
      const file = make(name)
      return file && pathTo(file)
    },
    find: (hash, name) => {
      const known = packed.get(`${hash}/${name}`)
      if (known) return known
      const file = make(name)
      return file && hashOf(file) === hash ? pack(file) : undefined
    },
  }
}

function hashOf({ body }: Asset): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 16)
}

function pack(file: Asset): PackedAsset {
  return { ...file, gzip: gzipSync(file.body, { level: 9 }) }
}

/** Our own, and the script of WebAuthn from its package; `stylesheet` is the operator's where there is one. */
export function pageAssets(stylesheet: string): Asset[] {
  const own = (name: string) => readFileSync(join(import.meta.dirname, 'assets', name))
  const webauthn = new URL('../dist/bundle/index.umd.min.js', import.meta.resolve('@simplewebauthn/browser'))
  return [
    { name: 'style.css', type: 'text/css; charset=utf-8', body: Buffer.from(stylesheet) },
    { name: 'dev.css', type: 'text/css; charset=utf-8', body: own('dev.css') },
    { name: 'icon.svg', type: 'image/svg+xml', body: own('icon.svg') },
    { name: 'show.js', type: 'text/javascript; charset=utf-8', body: own('show.js') },
    { name: 'mailbox.js', type: 'text/javascript; charset=utf-8', body: own('mailbox.js') },
    { name: 'passkey.js', type: 'text/javascript; charset=utf-8', body: own('passkey.js') },
    {
      name: 'webauthn.js',
      type: 'text/javascript; charset=utf-8',
      body: readFileSync(fileURLToPath(webauthn)),
    },
  ]
}

const AssetPath = z.object({ hash: z.string(), name: z.string() })

/** Serves packed files below the path that they were packed for. */
export function packedRoutes(app: App, assets: Assets, at: string): void {
  app.get(`${at}/:hash/:name`, { schema: { params: AssetPath } }, async (request, reply) => {
    const asset = assets.find(request.params.hash, request.params.name)
    if (!asset) throw new AuthError('route_not_found')
    reply.header('cache-control', 'public, max-age=31536000, immutable')
    return sendAsset(request, reply, asset)
  })
}

/** Serves the files of pages, and the stylesheet under the name that it has always had. */
export function assetRoutes(app: App, assets: Assets): void {
  packedRoutes(app, assets, '/ui/assets')

  // Layouts of operators name it so.
  app.get('/ui/style.css', async (request, reply) => {
    const [, hash = ''] = /^\/ui\/assets\/([^/]*)/.exec(assets.paths['style.css'] ?? '') ?? []
    const asset = assets.find(hash, 'style.css')
    if (!asset) throw new AuthError('route_not_found')
    reply.header('cache-control', 'public, max-age=300')
    return sendAsset(request, reply, asset)
  })
  app.get('/favicon.ico', async (_request, reply) => reply.redirect(assets.paths['icon.svg'] ?? ''))
}

/** Packed where the browser takes that. */
function sendAsset(request: FastifyRequest, reply: FastifyReply, { type, body, gzip }: PackedAsset) {
  const isPacked = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
  if (isPacked) reply.header('content-encoding', 'gzip')
  return reply
    .header('vary', 'Accept-Encoding')
    .type(type)
    .send(isPacked ? gzip : body)
}
