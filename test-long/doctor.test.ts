import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { it } from 'node:test'
import { examine } from '../test/cli/doctor/examination.ts'
import { createData } from '../test/harness/harness.ts'

it('doctor finishes although every peer accepts the connection and never answers', async () => {
  const sockets = new Set<Socket>()
  const silent = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening))
  const { port } = silent.address() as { port: number }
  const data = await createData('sqlite')
  try {
    const { code, of } = await examine({
      NODE_ENV: 'production',
      MANYDOORS_DATA: data.env.MANYDOORS_DATA,
      MANYDOORS_SECRET: randomBytes(32).toString('base64'),
      MANYDOORS_PUBLIC_URL: `https://localhost:${port}`,
      DATABASE_URL: `postgres://me@127.0.0.1:${port}/auth`,
      SMTP_URL: `smtp://127.0.0.1:${port}`,
      MAIL_FROM: 'Example <auth@example.com>',
      SMS_URL: `https://127.0.0.1:${port}/send`,
      SMS_ALLOWED_PREFIXES: '+47',
    })
    for (const check of ['database', 'mail', 'text messages', 'certificate', 'public address'])
      assert.equal(of(check).state, 'problem', check)
    // As good or as bad as this machine.
    assert.match(of('hashing').says, / passwords a second/)
    assert.equal(code, 1)
  } finally {
    for (const socket of sockets) socket.destroy()
    silent.close()
    await data.drop()
  }
})
