import pino from 'pino'
import type { Config } from '../config/config.ts'
import { repeatedFailures } from '../lib/repeated-failures.ts'

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

/**
 * The log of a process: lines of JSON to `stream`, or else to standard output. Of failures of one kind (`err`) the first
 * in a minute has a line, and the rest are counted; one that names a `job` always has its line, and then no stack. Each
 * line has what `here` returns besides.
 */
export function createLog(
  config: Config,
  stream: pino.DestinationStream | undefined,
  { now, here }: { now(): number; here?(): object },
): pino.Logger {
  const options: pino.LoggerOptions = {
    level: config.logLevel,
    redact: {
      // The first is named so that the paths of errors begin with `err`, and not with what stands for any field.
      paths: ['err.code', ...secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`])],
      censor: (value, path) => (isOfError(path) ? value : '[Redacted]'),
    },
    serializers: { err: serializeError },
    base: undefined,
    hooks: { logMethod: withoutRepeats(repeatedFailures(now)) },
    ...(here && { mixin: here }),
  }
  return stream ? pino(options, stream) : pino(options)
}

/** The `code` of an error is no secret: PostgreSQL's, or that of a system call. */
function isOfError(path: string[]): boolean {
  return path[0] === 'err' && path.at(-1) === 'code'
}

type LogMethod = NonNullable<NonNullable<pino.LoggerOptions['hooks']>['logMethod']>

function withoutRepeats(isFirst: ReturnType<typeof repeatedFailures>): LogMethod {
  return function (args, method) {
    const [fields, message] = args as unknown as [{ err?: unknown; job?: unknown }, string]
    const error = fields?.err
    const write = (fields: object, message: string) => method.apply(this, [fields, message])
    if (!(error instanceof Error)) return method.apply(this, args)
    const report = (more: number) =>
      write(
        { err: new Brief(error), count: more },
        `${message}: ${more} more of this kind in the last minute`,
      )
    if (isFirst({ error, message, report })) return method.apply(this, args)
    if (fields.job !== undefined) write({ ...fields, err: new Brief(error) }, message)
  }
}

/** An error of which only what it says is written. */
class Brief {
  readonly error: Error

  constructor(error: Error) {
    this.error = error
  }
}

/** What helps to find the fault, and nothing else: PostgreSQL's errors also quote the row that they are about. */
function serializeError(error: unknown): unknown {
  return error instanceof Brief
    ? fieldsOf(error.error, () => undefined)
    : fieldsOf(error, ({ stack }) => stack)
}

function fieldsOf(error: unknown, stackOf: (error: Error) => string | undefined): unknown {
  if (!(error instanceof Error)) return String(error)
  const { name, message, cause } = error
  const { code } = error as NodeJS.ErrnoException
  const fields = { name, message, code, stack: stackOf(error) }
  return cause === undefined ? fields : { ...fields, cause: fieldsOf(cause, stackOf) }
}
