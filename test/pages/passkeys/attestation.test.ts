import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { register } from '../../dialects/pm2/door.ts'
import { makeCertificates } from '../../harness/certificates.ts'
import { useServer } from '../../harness/harness.ts'
import { signInAtAccount } from '../jar.ts'
import { optionsOn, passkeyForm, signInWith, softwareKey } from './software-key.ts'

describe('what a new passkey says of its maker', () => {
  const server = useServer('sqlite')

  it('is not looked at: nothing is fetched from where its certificates point to', async () => {
    const asked: string[] = []
    const listener = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.end()
    })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const { port } = listener.address() as AddressInfo
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = softwareKey({ pair })
    try {
      const person = await register(server)
      const browser = await signInAtAccount(server, person)
      const page = await browser.open('/ui/account/passkeys/new')
      const answer = JSON.parse(key.make(optionsOn(page)))
      const clientDataHash = sha256(Buffer.from(answer.response.clientDataJSON, 'base64url'))
      const certificates = await makeChain(pair.privateKey, {
        clientDataHash,
        revocations: `http://127.0.0.1:${port}/revoked`,
      })
      answer.response.attestationObject = withStatement(answer.response.attestationObject, certificates)
      const added = await browser.submit(page, { passkey: JSON.stringify(answer) }, passkeyForm(page))
      assert.deepEqual(asked, [])
      assert.match(added.text, /Passkey added/)
      assert.match((await signInWith(server, key)).answer.text, new RegExp(person.email))
    } finally {
      listener.close()
    }
  })

  it('is refused where it cannot be read', async () => {
    const browser = await signInAtAccount(server, await register(server))
    const deep = Buffer.from('81'.repeat(11_000), 'hex').toString('base64url')
    const endless = Buffer.from('ba7fffffff', 'hex').toString('base64url')
    for (const attestationObject of ['', 'AAAA', 'oA', 7, null, {}, { length: 3 }, deep, endless]) {
      const page = await browser.open('/ui/account/passkeys/new')
      const answer = JSON.parse(softwareKey().make(optionsOn(page)))
      answer.response.attestationObject = attestationObject
      const refused = await browser.submit(page, { passkey: JSON.stringify(answer) }, passkeyForm(page))
      assert.equal(refused.status, 400, JSON.stringify(attestationObject))
      assert.match(refused.text, /role="alert"/)
    }
  })
})

/** What Android says of a key, by certificates of a stranger that have one look for revocations wherever they like. */
async function makeChain(
  privateKey: KeyObject,
  { clientDataHash, revocations }: { clientDataHash: Buffer; revocations: string },
): Promise<Buffer[]> {
  const folder = await mkdtemp(join(tmpdir(), 'chain-'))
  const openssl = (...args: string[]) => promisify(execFile)('openssl', args, { cwd: folder })
  try {
    await makeCertificates(folder)
    await writeFile(join(folder, 'leaf.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const description = `3034020103${'0a0101'}020104${'0a0101'}0420${clientDataHash.toString('hex')}040030003000`
    const extensions = [
      '-addext',
      `1.3.6.1.4.1.11129.2.1.17=DER:${description}`,
      '-addext',
      `crlDistributionPoints=URI:${revocations}`,
    ]
    const signer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-days', '2']
    const leaf = ['-key', 'leaf.key', '-out', 'leaf.crt', '-subj', '/CN=a key']
    await openssl('req', '-x509', '-new', ...leaf, ...signer, ...extensions)
    return await Promise.all(
      ['leaf.crt', 'ca.crt'].map(async (name) => der(await readFile(join(folder, name)))),
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

function der(pem: Buffer): Buffer {
  return Buffer.from(pem.toString().replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}

/** Puts a statement of Android in the place of none. */
function withStatement(none: string, certificates: Buffer[]): string {
  const [, data = Buffer.alloc(0)] = splitAt(
    Buffer.from(none, 'base64url'),
    'a363666d74646e6f6e656761747453746d74a0',
  )
  const statement = Buffer.concat([
    Buffer.from('a363616c672663736967', 'hex'),
    bytesOf(Buffer.alloc(256)),
    Buffer.from('63783563', 'hex'),
    Buffer.from([0x80 | certificates.length]),
    ...certificates.map(bytesOf),
  ])
  const head = Buffer.concat([
    Buffer.from('a363666d746b', 'hex'),
    Buffer.from('android-key'),
    Buffer.from('6761747453746d74', 'hex'),
  ])
  return Buffer.concat([head, statement, data]).toString('base64url')
}

function splitAt(bytes: Buffer, head: string): Buffer[] {
  const { length } = Buffer.from(head, 'hex')
  assert.equal(bytes.subarray(0, length).toString('hex'), head)
  return [bytes.subarray(0, length), bytes.subarray(length)]
}

/** A byte string in CBOR, of 256 bytes or more. */
function bytesOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([Buffer.from([0x59]), length, bytes])
}
