import { execFile } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A proxy with TLS before a server, for whatever host names a browser is told to find there. */
export interface TlsProxy {
  port: number
  /** Of its certificate, as Chromium's `--ignore-certificate-errors-spki-list` wants it. */
  spki: string
  close(): Promise<void>
}

/** Starts one on a free port of the loopback; it hands the host name on. The caller closes it. */
export async function startTlsProxy(target: string, names: string[]): Promise<TlsProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'manydoors-tls-'))
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subjects = names.map((name) => `DNS:${name}`).join(',')
  const kind = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
  ]
  await run('openssl', [
    ...kind,
    '-keyout',
    keyFile,
    '-out',
    certFile,
    '-subj',
    '/CN=test',
    '-addext',
    `subjectAltName=${subjects}`,
  ])
  const [key, cert] = await Promise.all([readFile(keyFile), readFile(certFile)])
  await rm(folder, { recursive: true })
  const server = createServer({ key, cert }, (incoming, outgoing) => {
    const { method, url, headers } = incoming
    const sent = request(`${target}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    sent.on('error', () => outgoing.destroy())
    incoming.pipe(sent)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })
  return {
    port: (server.address() as AddressInfo).port,
    spki: createHash('sha256').update(spki).digest('base64'),
    close: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}
