import { monitorEventLoopDelay } from 'node:perf_hooks'
import { readConfig } from '../../src/config/read-config.ts'
import { sizeThreadPool } from '../../src/lib/thread-pool.ts'

// Manydoors as operators get it, but for the limits: the load does nothing else all day.
sizeThreadPool()
const { startServer } = await import('../../src/server/server.ts')
const { compactHeap } = await import('../../src/lib/compact-heap.ts')
const counts = {
  consume: async () => {},
  refund: async () => {},
  reset: async () => {},
  clear: async () => {},
  read: async () => [],
}
const server = await startServer(readConfig(process.env), { counts })
compactHeap()
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()

process.send?.({ port: server.port })
process.on('message', () => {
  process.send?.({
    delayP99: delay.percentile(99) / 1e6,
    delayMax: delay.max / 1e6,
    rss: process.memoryUsage.rss(),
  })
  delay.reset()
})
process.on('disconnect', () => process.exit(0))
