import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { Answer, TestServer } from '../../harness/harness.ts'
import { formsOf, unescaped } from '../html.ts'
import { type PlainBrowser, plainBrowser, signInAtAccount } from '../jar.ts'

/** What a page gives its script, and a browser its authenticator. */
interface Options {
  challenge: string
  rpId?: string
  rp?: { id: string }
  user?: { id: string }
  allowCredentials?: { id: string }[]
  excludeCredentials?: { id: string }[]
}

/** What an authenticator says when it is used; the rest is as a good one has it. */
interface Use {
  origin?: string
  rpId?: string
  counter?: number
  isVerified?: boolean
  userHandle?: string
  challenge?: string
}

/** An authenticator in software: makes what browsers send, and anything else that is asked of it. */
export interface SoftwareKey {
  id: string
  /** Makes the passkey, as a browser answers it. */
  make(options: Options, use?: Use): string
  /** Signs with it. */
  sign(options: Options, use?: Use): string
}

const flags = { present: 1, verified: 4, eligible: 8, backedUp: 16, attested: 64 }

/** A passkey that counts its uses; `isSynced`: one of a provider, which counts none. */
export function softwareKey({
  isSynced = false,
  aaguid = '0'.repeat(32),
  defaultOrigin = 'http://localhost:5000',
  pair = generateKeyPairSync('ec', { namedCurve: 'P-256' }),
} = {}): SoftwareKey {
  const { publicKey, privateKey } = pair
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const id = randomBytes(32)
  const synced = isSynced ? flags.eligible | flags.backedUp : 0
  let uses = 0
  let owner: string | undefined

  const clientData = (type: string, { challenge }: Options, use: Use) =>
    Buffer.from(
      JSON.stringify({
        type,
        challenge: use.challenge ?? challenge,
        origin: use.origin ?? defaultOrigin,
        crossOrigin: false,
      }),
    )
  const authenticatorData = (rpId: string, kind: number, use: Use, more: Buffer[] = []) => {
    const head = Buffer.alloc(5)
    head[0] = kind | synced | flags.present | (use.isVerified === false ? 0 : flags.verified)
    head.writeUInt32BE(use.counter ?? (isSynced ? 0 : ++uses), 1)
    return Buffer.concat([
      createHash('sha256')
        .update(use.rpId ?? rpId)
        .digest(),
      head,
      ...more,
    ])
  }
  const answer = (response: Record<string, unknown>) =>
    JSON.stringify({
      id: id.toString('base64url'),
      rawId: id.toString('base64url'),
      type: 'public-key',
      clientExtensionResults: {},
      response,
    })

  return {
    id: id.toString('base64url'),
    make(options, use = {}) {
      owner = options.user?.id
      const length = Buffer.alloc(2)
      length.writeUInt16BE(id.length)
      const cose = Buffer.concat([
        Buffer.from('a5010203262001215820', 'hex'),
        Buffer.from(x, 'base64url'),
        Buffer.from('225820', 'hex'),
        Buffer.from(y, 'base64url'),
      ])
      const attested = [Buffer.from(aaguid, 'hex'), length, id, cose]
      const data = authenticatorData(options.rp?.id ?? '', flags.attested, use, attested)
      const size = Buffer.alloc(2)
      size.writeUInt16BE(data.length)
      // { fmt: 'none', attStmt: {}, authData }
      const attestation = Buffer.concat([
        Buffer.from('a363666d74646e6f6e656761747453746d74a068617574684461746159', 'hex'),
        size,
        data,
      ])
      return answer({
        clientDataJSON: clientData('webauthn.create', options, use).toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal', 'hybrid'],
      })
    },
    sign(options, use = {}) {
      const client = clientData('webauthn.get', options, use)
      const data = authenticatorData(options.rpId ?? '', 0, use)
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()])
      return answer({
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: sign('sha256', signed, privateKey).toString('base64url'),
        userHandle: use.userHandle ?? owner,
      })
    },
  }
}

/** What the passkey part of a page gives its script; `undefined` where there is no such part. */
export function passkeyOn({
  text,
}: Pick<Answer, 'text'>): { options: Options; unknown?: string } | undefined {
  const [, data] = / data-passkey="([^"]*)"/.exec(text) ?? []
  return data === undefined ? undefined : JSON.parse(unescaped(data))
}

/** What the script of a page is to sign. */
export function optionsOn(page: Pick<Answer, 'text'>): Options {
  const part = passkeyOn(page)
  assert.ok(part, page.text)
  return part.options
}

/** The form that the script fills in. */
export function passkeyForm(page: Answer): string {
  const form = formsOf(page).find(({ fields }) => 'passkey' in fields)
  assert.ok(form, page.text)
  return form.action
}

/** Makes a passkey at the account page of whoever is signed in to a browser. */
export async function addPasskey(
  browser: PlainBrowser,
  key: SoftwareKey = softwareKey(),
  use?: Use,
): Promise<{ key: SoftwareKey; answer: Answer }> {
  const page = await browser.open('/ui/account/passkeys/new')
  const answer = await browser.submit(page, { passkey: key.make(optionsOn(page), use) }, passkeyForm(page))
  return { key, answer }
}

/** Somebody's new passkey, with that name. */
export async function givePasskey(
  server: TestServer,
  person: { username: string; password: string },
  name?: string,
): Promise<SoftwareKey> {
  const browser = await signInAtAccount(server, person)
  const { key, answer } = await addPasskey(browser)
  assert.match(answer.text, /Passkey added/)
  if (name !== undefined) await browser.submit(answer, { name }, renameForm(answer))
  return key
}

/** The form that renames the first passkey of a page. */
export function renameForm(page: Answer): string {
  return formsOf(page).find(({ action }) => action.endsWith('/name'))?.action ?? ''
}

/** The form that removes the first passkey of a page. */
export function removeForm(page: Answer): string {
  return formsOf(page).find(({ action }) => /passkeys\/[^/]+\/remove$/.test(action))?.action ?? ''
}

/** Opens the sign-in to the account page in a new browser, and uses a passkey there. */
export async function signInWith(
  server: TestServer,
  key: SoftwareKey,
  use?: Use,
): Promise<{ browser: PlainBrowser; answer: Answer }> {
  const browser = plainBrowser(server)
  const page = await browser.open('/ui/account')
  const answer = await browser.submit(page, { passkey: key.sign(optionsOn(page), use) }, passkeyForm(page))
  return { browser, answer }
}
