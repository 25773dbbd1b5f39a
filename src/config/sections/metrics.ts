import { z } from 'zod'
import { wholeNumber } from '../setting-types.ts'

/** Where metrics are served. */
export interface MetricsConfig {
  host: string
  /** Of their own; without one they are served to callers of this machine in development, and nowhere else. */
  port?: number
  /** Whether that port was configured: then the server does not start without it. */
  isRequired: boolean
}

const off = z.literal('off')
const port = wholeNumber({ min: 0, max: 65535 })

/** `metrics` in the settings file. */
export const metricsSection = z
  .union(
    [
      off.transform((port) => ({ port })),
      z.strictObject({
        host: z.string().min(1).optional().describe('The address to serve metrics on (127.0.0.1)'),
        port: port.optional().describe('The port to serve them on (9464)'),
      }),
    ],
    'must be off, or have host and port, such as { host: 127.0.0.1, port: 9464 }',
  )
  .nullish()
  .describe('Metrics for Prometheus, on a port of their own. See docs/observation.md')

/** What variables of the environment may set of metrics; the port may be `off`. */
export const metricsOfVariables = z.strictObject({
  host: z.string().optional(),
  port: z.union([off, port], 'must be a port number, or off').optional(),
})

/** Where metrics are served, by default in production alone; `undefined` when they are switched off. */
export function readMetrics(
  given: z.output<typeof metricsOfVariables> | null | undefined,
  isProduction: boolean,
): MetricsConfig | undefined {
  const { host = '127.0.0.1', port } = given ?? {}
  if (port === 'off') return undefined
  if (port !== undefined) return { host, port, isRequired: true }
  return { host, isRequired: false, ...(isProduction && { port: 9464 }) }
}
