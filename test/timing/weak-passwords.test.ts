import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { app, headersOf } from '../dialects/vastly-door.ts'
import { useServer } from '../harness.ts'
import { assertStatus, behindProxy } from '../limits/callers.ts'

/** Made for it: zxcvbn works on few others for as long. */
const weak = 'p4$$w0rd'.repeat(16)

describe('judging passwords', () => {
  const server = useServer('sqlite', {
    env: behindProxy,
    yaml: 'realms: { main: { strictPasswords: everywhere } }',
  })

  it('is no work for the thread that answers', async () => {
    const [whole, own] = [process.cpuUsage(), process.threadCpuUsage()]
    for (let count = 0; count < 8; count++) assertStatus(400, await judge())
    const spent = ({ user, system }: NodeJS.CpuUsage) => user + system
    const [all, here] = [spent(process.cpuUsage(whole)), spent(process.threadCpuUsage(own))]
    // This thread has sent the requests, too.
    assert.ok(here < all / 3, `${here} of ${all} µs`)
  })

  function judge() {
    const json = { token: '123456', password: weak, passwordConfirm: weak }
    return server.request('POST', '/api/v1/auth/resetpass/mobile', { json, headers: headersOf(app) })
  }
})
