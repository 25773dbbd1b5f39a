import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { claimsOf, freshEmail, useServer } from '../harness/harness.ts'

const root = join(import.meta.dirname, '..', '..')
type Verify = (token: string) => Promise<Record<string, unknown>>

for (const library of ['jose', 'jsonwebtoken']) {
  describe(`a resource server with ${library}, as docs/verify-tokens.md has it`, () => {
    const server = useServer('sqlite')
    let folder: string
    let verify: Verify
    before(async () => {
      const document = await readFile(join(root, 'docs', 'verify-tokens.md'), 'utf8')
      const [, sample = ''] =
        new RegExp(`^## ${library}\n.*?^\`\`\`js\n(.*?)^\`\`\``, 'ms').exec(document) ?? []
      assert.match(sample, /export async function verify/)
      folder = await mkdtemp(join(tmpdir(), 'manydoors-verify-'))
      await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
      const file = join(folder, 'verify.mjs')
      const { iss: issuer } = claimsOf((await signIn()).access_token)
      // The tests' server has another address than its issuer says.
      const keysHere = sample.replaceAll(/`\$\{issuer\}\//g, `\`${server.url}/`)
      await writeFile(file, keysHere.replaceAll('https://auth.example.com', issuer))
      verify = (await import(pathToFileURL(file).href)).verify
    })
    after(() => rm(folder, { recursive: true, force: true }))

    const signIn = async () => {
      const json = { email: freshEmail(), password: 'StrongPass123!' }
      await server.request('POST', '/api/co/auth/sign-up', { json })
      const { body } = await server.request('POST', '/api/co/auth/sign-in', { json })
      return body as { access_token: string; refresh_token: string; user: { id: string } }
    }

    it('accepts an access token, and reads its subject', async () => {
      const { access_token, user } = await signIn()
      const claims = await verify(access_token)
      assert.equal(claims.sub, user.id)
      assert.equal(claims.client_id, 'minbil')
    })

    it('refuses a token that was changed, has another type or algorithm, or is of another door', async () => {
      const { access_token, refresh_token } = await signIn()
      await verify(access_token)
      const [header = '', payload = '', signature = ''] = access_token.split('.')
      const changed = encode({ ...claimsOf(access_token), sub: 'somebody else' })
      const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString())
      for (const token of [
        `${header}.${changed}.${signature}`,
        `${encode({ alg: 'none', typ: 'at+jwt', kid })}.${payload}.`,
        `${encode({ alg: 'ES256', typ: 'JWT', kid })}.${payload}.${signature}`,
        refresh_token,
        await vastlyToken(),
      ])
        await assert.rejects(verify(token), token)
    })

    const vastlyToken = async () => {
      const headers = { client_id: 'pSpisBrYn4yIP1vGILcdZ', origin: 'http://localhost:3000' }
      const account = { email: freshEmail(), password: 'StrongPass123!' }
      const json = { ...account, passwordConfirm: account.password }
      await server.request('POST', '/api/v1/auth/register', { headers, json })
      const { body } = await server.request('POST', '/api/v1/auth/login', { headers, json: account })
      const token = JSON.stringify(body).match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/)?.[0] ?? ''
      assert.equal(claimsOf(token).aud, 'vastly')
      return token
    }
  })
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
