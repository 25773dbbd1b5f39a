import { z } from 'zod'
import { addressOrRange, wholeNumber } from '../setting-types.ts'
import { publicUrl } from '../web-addresses.ts'

/** Where the console and the API of operators are. */
export interface AdminConfig {
  /** Where operators reach it, without a slash at its end; their passkeys are good for its host. */
  url: string
  host: string
  /** Of its own; without one it is served beside everything else to callers of this machine, which development does. */
  port?: number
  /** Whether that port was configured: then the server does not start without it. */
  isRequired: boolean
  /** The addresses and ranges that may reach it; everybody where there are none. */
  allow: string[]
}

const off = z.literal('off')
const port = wholeNumber({ min: 0, max: 65535 })

/** `admin` in the settings file. */
export const adminSection = z
  .union(
    [
      off.transform((port) => ({ port })),
      z.strictObject({
        url: publicUrl.optional().describe('Where operators reach it (http://localhost:PORT)'),
        host: z.string().min(1).optional().describe('The address to serve it on (127.0.0.1)'),
        port: port.optional().describe('The port to serve it on (5001)'),
        allow: z
          .array(addressOrRange, 'must be a list of addresses and ranges')
          .optional()
          .describe('Addresses that may reach it (all)'),
      }),
    ],
    'must be off, or have host, port, url and allow, such as { host: 127.0.0.1, port: 5001 }',
  )
  .nullish()
  .describe('Console and API for operators, on a port of their own. See docs/console.md')

/** What variables of the environment may set of it; the port may be `off`. */
export const adminOfVariables = z.strictObject({
  url: publicUrl.optional(),
  host: z.string().optional(),
  port: z.union([off, port], 'must be a port number, or off').optional(),
  allow: z.array(addressOrRange).optional(),
})
