import { z } from 'zod'
import { wholeNumber } from '../config/setting-types.ts'

/** Where metrics are served. */
export interface MetricsConfig {
  host: string
  /** Of their own; without one they are served to callers of this machine in development, and nowhere else. */
  port?: number
  /** Whether somebody has asked for that port, who wants to know when it cannot be had. */
  isRequired: boolean
}

const usual = { host: '127.0.0.1', port: 9464 }
const portRule = 'must be a port number, or off'

/** A port, or `off`; of the environment. */
export const metricsPort = z.union(
  [
    z.literal('off'),
    z
      .string()
      .regex(/^\d{1,5}$/)
      .transform(Number)
      .pipe(z.int().max(65535)),
  ],
  portRule,
)

/** `metrics` in the settings file. */
export const metricsSection = z
  .union(
    [
      z.literal('off'),
      z.strictObject({
        host: z.string().min(1).optional().describe('The address to serve metrics on (127.0.0.1)'),
        port: wholeNumber({ min: 0, max: 65535 }).optional().describe('The port to serve them on (9464)'),
      }),
    ],
    'must be off, or have host and port, such as { host: 127.0.0.1, port: 9464 }',
  )
  .nullish()
  .describe('Metrics for Prometheus, on a port of their own. See docs/observation.md')

/** What either says, and the usual port in production; `undefined` when metrics are switched off. */
export function readMetrics(
  env: { port?: 'off' | number; host?: string },
  file: z.output<typeof metricsSection>,
  isProduction: boolean,
): MetricsConfig | undefined {
  const fromFile = file === 'off' ? { port: 'off' as const } : file
  const port = env.port ?? fromFile?.port
  if (port === 'off') return undefined
  const host = env.host ?? (file === 'off' ? undefined : file?.host) ?? usual.host
  if (port !== undefined) return { host, port, isRequired: true }
  return { host, isRequired: false, ...(isProduction && { port: usual.port }) }
}
