import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type RequestOptions as HttpOptions, request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../harness/events.ts'

const deploy = join(import.meta.dirname, '..', '..', 'deploy')

/** A reverse proxy that runs with the file that we ship, changed in addresses and paths alone. */
export interface RunningProxy {
  /** Where people come in, with TLS when the file asks for that. */
  url: URL
  /** Where they come in without TLS. */
  plainUrl: URL
  /** What it has logged of requests. */
  accessLog(): Promise<string>
  stop(): Promise<void>
}

/** Whether a program is there to be run. */
export function isInstalled(program: string): boolean {
  return spawnSync(program, ['version']).error === undefined
}

/** An address of the loopback that no other run uses, so that ports can be fixed. */
const address = `127.${64 + (process.pid >> 16)}.${(process.pid >> 8) & 255}.${process.pid & 255 || 1}`

/** Starts nginx in front of a server. The first address of its upstream is one where nobody listens. */
export async function startNginx(upstream: string): Promise<RunningProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'manydoors-nginx-'))
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')]
  makeCertificate(certificate, key)
  const log = join(folder, 'access.log')
  const site = replaceAll(await readFile(join(deploy, 'nginx.conf'), 'utf8'), [
    ['server 127.0.0.1:5000;', `server 127.0.0.1:1; server ${new URL(upstream).host};`],
    ['listen 80;', `listen ${address}:8080;`],
    ['listen [::]:80;', ''],
    ['listen 443 ssl http2;', `listen ${address}:8443 ssl http2;`],
    ['listen [::]:443 ssl http2;', ''],
    ['/etc/letsencrypt/live/auth.example.com/fullchain.pem', certificate],
    ['/etc/letsencrypt/live/auth.example.com/privkey.pem', key],
    ['/var/log/nginx/manydoors.log', log],
  ])
  await writeFile(join(folder, 'site.conf'), site)
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const temporary = folders.map((name) => `${name}_temp_path ${join(folder, name)};`).join('\n')
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
     events {}
     http { access_log off; ${temporary} include ${folder}/site.conf; }`,
  )
  const args = ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')]
  return start('nginx', args, {
    folder,
    url: new URL(`https://${address}:8443`),
    plainUrl: new URL(`http://${address}:8080`),
    accessLog: () => readFile(log, 'utf8'),
  })
}

/** Starts Caddy in front of a server, without TLS: it would ask the world for a certificate. */
export async function startCaddy(upstream: string): Promise<RunningProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'manydoors-caddy-'))
  const url = new URL(`http://${address}:8081`)
  const file = replaceAll(await readFile(join(deploy, 'Caddyfile'), 'utf8'), [
    ['\tservers {', '\tadmin off\n\tservers {'],
    ['auth.example.com {', `http://auth.example.com:${url.port} {\n\tbind ${address}`],
    ['127.0.0.1:5000', `127.0.0.1:1 ${new URL(upstream).host}`],
  ])
  await writeFile(join(folder, 'Caddyfile'), file)
  const args = ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')]
  return start('caddy', args, { folder, url, plainUrl: url, accessLog: async () => '' })
}

type Parts = Omit<RunningProxy, 'stop'> & { folder: string }

async function start(program: string, args: string[], { folder, ...proxy }: Parts): Promise<RunningProxy> {
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH, HOME: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const closed = once(child, 'close')
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  const stop = async () => {
    child.kill('SIGKILL')
    await closed
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await eventually(`${program} to listen`, async () => {
      if (child.exitCode !== null) throw new Error(`${program} has ended: ${complaints}`)
      return (await takesConnections(proxy.url)) || undefined
    })
  } catch (error) {
    await stop()
    throw error
  }
  return { ...proxy, stop }
}

/** Sends a request as a client at `from` would, to the proxy under its public name. */
export function sendThrough(
  url: URL,
  { from, method = 'GET', path, headers = {}, body }: Message,
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  const options: HttpOptions & { rejectUnauthorized: boolean; servername: string } = {
    localAddress: from,
    method,
    path,
    headers: {
      host: 'auth.example.com',
      ...(body !== undefined && { 'content-length': body.length }),
      ...headers,
    },
    agent: false,
    rejectUnauthorized: false,
    servername: 'auth.example.com',
  }
  return new Promise((answered, failed) => {
    const request = url.protocol === 'https:' ? secureRequest : plainRequest
    const sent = request(url, options, async (response) => {
      let text = ''
      for await (const chunk of response.setEncoding('utf8')) text += chunk
      answered({ status: response.statusCode ?? 0, headers: response.headers, text })
    })
    sent.on('error', failed).end(body)
  })
}

interface Message {
  from: string
  method?: string
  path: string
  headers?: Record<string, string>
  body?: string
}

function replaceAll(text: string, changes: [from: string, to: string][]): string {
  return changes.reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`the file that we ship has no ${from}`)
    return changed.replaceAll(from, to)
  }, text)
}

function makeCertificate(certificate: string, key: string): void {
  const subject = '/CN=auth.example.com'
  const kind = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-subj',
    subject,
  ]
  const { status, stderr } = spawnSync('openssl', [
    'req',
    '-x509',
    ...kind,
    '-out',
    certificate,
    '-keyout',
    key,
  ])
  if (status !== 0) throw new Error(`openssl: ${stderr}`)
}

function takesConnections({ hostname, port }: URL): Promise<boolean> {
  return new Promise((known) => {
    const socket = connect(Number(port), hostname)
    socket.once('connect', () => {
      socket.destroy()
      known(true)
    })
    socket.once('error', () => known(false))
  })
}
