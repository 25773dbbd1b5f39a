import { reason, type Samples, type World } from './world.ts'

/** Of the operations on limits, blocks and traffic. */
export const samplesOfServer: Samples = {
  'realms.overview': () => ({}),
  'server.overview': () => ({}),
  'doors.list': () => ({}),
  'limits.list': () => ({}),
  'limits.look_up': () => ({ of: '203.0.113.7' }),
  'limits.refused': () => ({}),
  'limits.clear': () => ({ of: '203.0.113.7' }),
  'blocks.list': () => ({}),
  'blocks.add': () => ({ range: freshRange(), hours: 1, reason }),
  'blocks.remove': async ({ program }: World) => {
    const range = freshRange()
    await program.ask('POST', '/realms/main/blocks', { json: { range, hours: 1, reason } })
    return { range }
  },
}

let ranges = 0

function freshRange(): string {
  return `198.51.100.${++ranges}`
}
