import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A CA, and a certificate of it for `localhost`: `ca.crt`, `server.crt` and `server.key` in that folder. */
export async function makeCertificates(folder: string): Promise<void> {
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  await openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=a CA for tests')
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  await openssl(
    'req',
    '-x509',
    ...key,
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    ...name,
    '-keyout',
    'server.key',
    '-out',
    'server.crt',
  )
}
