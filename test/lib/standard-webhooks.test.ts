import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { readWebhookSecret, signWebhook, writeWebhookSecret } from '../../src/lib/standard-webhooks.ts'

const message = { id: 'msg_1', now: Date.now(), body: '{"type":"tried","text":"æøå"}' }

it('signs as the library of the specification verifies, with each key that is good at the time', () => {
  const [former, current, other] = [24, 32, 64].map((size) => randomBytes(size)) as [Buffer, Buffer, Buffer]
  const headers = signWebhook(message, [current, former])
  for (const key of [former, current])
    assert.deepEqual(
      new Webhook(writeWebhookSecret(key)).verify(message.body, headers),
      JSON.parse(message.body),
    )
  assert.throws(() => new Webhook(writeWebhookSecret(other)).verify(message.body, headers))
  assert.throws(() => new Webhook(writeWebhookSecret(current)).verify(`${message.body} `, headers))
  assert.throws(() =>
    new Webhook(writeWebhookSecret(current)).verify(message.body, { ...headers, 'webhook-id': 'msg_2' }),
  )
})

it('reads secrets as the specification writes them, and no others', () => {
  const key = randomBytes(32)
  assert.deepEqual(readWebhookSecret(writeWebhookSecret(key)), key)
  for (const text of [
    key.toString('base64'),
    'whsec_',
    'whsec_c2hvcnQ=',
    writeWebhookSecret(randomBytes(65)),
    `${writeWebhookSecret(key)}\n`,
    `whsec_${'*'.repeat(44)}`,
  ])
    assert.equal(readWebhookSecret(text), undefined, text)
})
