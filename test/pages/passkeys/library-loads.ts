// A program of its own, as the tests of a process share the modules that it has loaded: prints what a server has loaded of
// the library of passkeys after one of its pages was opened, and after the first passkey was added.
import { registerHooks } from 'node:module'
import { register } from '../../dialects/pm2/door.ts'
import { startTestServer } from '../../harness/harness.ts'
import { plainBrowser } from '../jar.ts'
import { givePasskey } from './software-key.ts'

let loaded = 0
registerHooks({
  load(url, context, next) {
    if (url.includes('@simplewebauthn/server')) loaded++
    return next(url, context)
  },
})

const server = await startTestServer('sqlite')
const { text: page } = await plainBrowser(server).open('/ui/account')
const withPage = loaded
await givePasskey(server, await register(server))
await server.close()
process.stdout.write(`${JSON.stringify({ page, withPage, withPasskey: loaded })}\n`)
