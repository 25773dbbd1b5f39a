import assert from 'node:assert/strict'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { describe, it } from 'node:test'
import bcrypt from 'bcrypt'
import { canonicalHash } from '../../src/hashes/canonical.ts'
import { readHash } from '../../src/hashes/read-hash.ts'
import { createSecrets, usable } from './vectors.ts'

const secrets = createSecrets()
const noSecret = () => assert.fail('there is no secret in it')

/** Whether the texts hold for `swordfish`, and for nothing like it. */
async function assertHolds(text: string, label: string): Promise<void> {
  const foreign = readHash(canonicalHash(text, secrets.keep))
  const secret = secrets.get(foreign.secretId)
  assert.equal(foreign.label, label)
  assert.equal(await foreign.matches('swordfish', secret), true, text)
  assert.equal(await foreign.matches('Swordfish', secret), false, text)
}

describe('The notation of', () => {
  it('Kratos has digests and HMACs, and crypt(3) under other names', async () => {
    const sha1 = createHash('sha1').update('salt:swordfish').digest('base64')
    const format = Buffer.from('{SALT}:{PASSWORD}').toString('base64')
    const hmac = Buffer.from(createHmac('sha256', 'key').update('swordfish').digest('hex')).toString('base64')
    await assertHolds(`$sha1$pf=${format}$c2FsdA==$${sha1}`, 'sha1')
    await assertHolds(`$md5$${createHash('md5').update('swordfish').digest('base64')}`, 'md5')
    await assertHolds(`$hmac-sha256$${hmac}$${Buffer.from('key').toString('base64')}`, 'hmac-sha256')
    const [md5Crypt] = usable.filter(({ kind }) => kind === 'md5-crypt')
    assert.ok(md5Crypt)
    assert.equal(canonicalHash(`$md5-crypt$${md5Crypt.hash.slice('$1$'.length)}`, noSecret), md5Crypt.hash)
  })

  it('Keycloak was flat before 8', async () => {
    const salt = Buffer.from('salt of sixteen ')
    const credential = {
      type: 'password',
      hashedSaltedValue: pbkdf2Sync('swordfish', salt, 27_500, 64, 'sha256').toString('base64'),
      salt: salt.toString('base64'),
      hashIterations: 27_500,
      algorithm: 'pbkdf2-sha256',
    }
    await assertHolds(JSON.stringify(credential), 'pbkdf2-sha256 27500')
  })

  it('Keycloak has parameters under two names, as texts or arrays', () => {
    const secretData = {
      value: Buffer.alloc(32, 7).toString('base64'),
      salt: Buffer.alloc(16, 7).toString('base64'),
    }
    const parameters = [
      { memory: ['7168'], type: ['id'], version: ['1.3'], parallelism: ['2'] },
      { memory: '7168', type: 'id', version: '1.3', parallelism: '2' },
    ]
    const texts = ['algorithmData', 'additionalParameters'].flatMap((name) =>
      parameters.map((given) => {
        const credentialData = JSON.stringify({ hashIterations: 5, algorithm: 'argon2', [name]: given })
        const credential = { type: 'password', secretData: JSON.stringify(secretData), credentialData }
        return canonicalHash({ kind: 'keycloak', hash: JSON.stringify(credential) }, noSecret)
      }),
    )
    assert.match(texts[0] ?? '', /^\$argon2id\$v=19\$m=7168,t=5,p=2\$/)
    assert.equal(new Set(texts).size, 1)
  })

  it('Keycloak has bcrypt whole, or in two parts', async () => {
    const whole = bcrypt.hashSync('swordfish', 4)
    const data = { hashIterations: 4, algorithm: 'bcrypt' }
    const ofParts = (secretData: object) => JSON.stringify({ secretData, credentialData: data })
    await assertHolds(ofParts({ value: whole, salt: '' }), 'bcrypt 4')
    await assertHolds(ofParts({ value: whole, salt: '__SALT__' }), 'bcrypt 4')
    await assertHolds(ofParts({ value: whole.slice(29), salt: whole.slice(7, 29) }), 'bcrypt 4')
    const salt = Buffer.alloc(16, 0xa5)
    const withSalt = bcrypt.hashSync('swordfish', `$2b$04$${'nYUj'.repeat(5)}nO`)
    assert.equal(withSalt.length, 60)
    await assertHolds(ofParts({ value: withSalt.slice(29), salt: salt.toString('base64') }), 'bcrypt 4')
  })

  it('Keycloak has other credentials than passwords, and passwords without a salt', () => {
    const refusedFor = (credential: object) => () => canonicalHash(JSON.stringify(credential), noSecret)
    const value = Buffer.alloc(64, 7).toString('base64')
    const credentialData = { hashIterations: 1000, algorithm: 'pbkdf2' }
    for (const credential of [
      { type: 'password-history', secretData: { value, salt: 'c2FsdA==' }, credentialData },
      { type: 'password', secretData: { value, salt: '__SALT__' }, credentialData },
      { type: 'password', secretData: { value }, credentialData },
      { type: 'password', secretData: '{', credentialData },
      { type: 'password', secretData: { value, salt: 'c2FsdA==' } },
      {
        type: 'password',
        secretData: { value, salt: 'c2FsdA==' },
        credentialData: { algorithm: 'toString' },
      },
    ])
      assert.throws(refusedFor(credential), { name: 'UnusableHash' }, JSON.stringify(credential))
  })

  it('passlib had bcrypt of a digest without a key', async () => {
    const digest = createHash('sha256').update('swordfish').digest('base64')
    const [, , cost, text = ''] = bcrypt.hashSync(digest, 4).split('$')
    await assertHolds(`$bcrypt-sha256$2b,${Number(cost)}$${text.slice(0, 22)}$${text.slice(22)}`, 'bcrypt 4')
  })

  it('Django had digests with and without a salt', async () => {
    await assertHolds(`md5$salt$${createHash('md5').update('saltswordfish').digest('hex')}`, 'md5')
    await assertHolds(`sha1$$${createHash('sha1').update('swordfish').digest('hex')}`, 'sha1')
  })

  it('Spring has digests without a salt', async () => {
    await assertHolds(`{SHA-1}${createHash('sha1').update('swordfish').digest('hex')}`, 'sha1')
    await assertHolds(`{MD5}${createHash('md5').update('swordfish').digest('hex')}`, 'md5')
  })

  it('Dovecot has names before what says by itself what it is', async () => {
    await assertHolds(`{BLF-CRYPT}${bcrypt.hashSync('swordfish', 4)}`, 'bcrypt 4')
  })
})

describe('A password with a NUL', () => {
  it('is not that of a bcrypt hash, whatever the hash was made of', async () => {
    for (const hashed of ['before', 'before\0after']) {
      const foreign = readHash(bcrypt.hashSync(hashed, 4))
      assert.equal(await foreign.matches('before\0after'), false)
    }
  })
})
