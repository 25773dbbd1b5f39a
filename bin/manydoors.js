#!/usr/bin/env node
import { join } from 'node:path'

// Plain JavaScript, so that an older Node can still read it and say what it needs.
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < 24 || (major === 24 && minor < 12)) {
  process.stderr.write(
    `Manydoors needs Node 24.12 or newer, and this is ${process.versions.node}: ` +
      'start it with `npm start`, which uses the Node that `npm ci` installed, or install Node 24.\n',
  )
  process.exit(1)
}

// Else whoever may send the process a signal opens Node's debugger in it, and reads the keys.
process.on('SIGUSR1', () => {})

// What one start has compiled the next one finds, and every thread, if the folder of the program can be written to.
const { enableCompileCache, flushCompileCache } = await import('node:module')
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '..', 'node_modules', '.cache', 'manydoors')
enableCompileCache()
await import('../src/main.ts')
flushCompileCache()
