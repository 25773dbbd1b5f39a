#!/usr/bin/env node
// Plain JavaScript, so that an older Node can still read it and say what it needs.
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < 24 || (major === 24 && minor < 12)) {
  process.stderr.write(
    `Manydoors needs Node 24.12 or newer, and this is ${process.versions.node}: ` +
      'start it with `npm start`, which uses the Node that `npm ci` installed, or install Node 24.\n',
  )
  process.exit(1)
}

await import('../src/main.ts')
