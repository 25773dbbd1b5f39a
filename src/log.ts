import pino from 'pino'
import type { Config } from './config.ts'

/** What must not be read in a log, should it ever get into a field of one. */
const secretFields = [
  'password',
  'token',
  'authorization',
  'cookie',
  'access_token',
  'refresh_token',
  'refreshToken',
  'code',
]

/** The log of a process: lines of JSON to `stream`, or else to standard output. Each has what `here` says, too. */
export function createLog(
  config: Config,
  stream: pino.DestinationStream | undefined,
  here?: () => object,
): pino.Logger {
  const redact = secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`])
  const serializers = { err: serializeError }
  const options: pino.LoggerOptions = {
    level: config.logLevel,
    redact,
    serializers,
    base: undefined,
    ...(here && { mixin: here }),
  }
  return stream ? pino(options, stream) : pino(options)
}

/** What helps to find the fault, and nothing else: PostgreSQL's errors also quote the row that they are about. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  const { name, message, stack, cause } = error
  const { code } = error as NodeJS.ErrnoException
  return { name, message, code, stack, ...(cause !== undefined && { cause: serializeError(cause) }) }
}
