import type { z } from 'zod'
import { apiPath } from '../../admin/api/shape.ts'
import type { Operation } from '../../admin/operations/operation.ts'
import type { textFile } from '../../admin/operations/text-file.ts'
import { reasonOf } from '../../lib/reason.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import type { Outside } from '../outside.ts'
import { readServerPlace, type ServerPlace } from './server-place.ts'

type Fields = Record<string, unknown>

/** A running server, asked through its API. */
export interface Remote {
  /** Does an operation there. Throws `CommandError` with the server's words where it is refused. */
  perform<Out extends z.ZodType>(operation: Operation<z.ZodType, Out>, input?: Fields): Promise<z.output<Out>>
  /** The file that an operation answers, as it comes. Throws `CommandError` as well where it breaks off. */
  download(operation: Operation<z.ZodType, typeof textFile>, input?: Fields): AsyncIterable<string>
}

/** What a server refuses, in its words. */
export class ServerRefusal extends CommandError {
  /** The word of it for programs; none where it is no admin API that answers. */
  readonly code: string | undefined

  constructor(message: string, code?: string) {
    super(message)
    this.code = code
  }
}

/** How long a server may take to answer, and to send a file. */
const answerTimeoutMs = 60_000
const fileTimeoutMs = 60 * 60_000

/** The server that a command's options name. Throws `CommandError`, as `readServerPlace` does. */
export function openRemote(command: CliCommand): Remote {
  const place = readServerPlace(command)
  const { network } = command.outside
  return {
    perform: async (operation, input = {}) => {
      const answer = await ask(network, place, requestFor(operation, input), answerTimeoutMs)
      const { data, error } = operation.output.safeParse(await readJson(answer))
      if (error)
        throw new CommandError(
          `${place.url} answers ${operation.name} in a form that this release does not know`,
        )
      return data
    },
    download: async function* (operation, input = {}) {
      const { body } = await ask(network, place, requestFor(operation, input), fileTimeoutMs)
      try {
        for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) yield part
      } catch {
        throw new CommandError(`${place.url} has broken off: what has come is not whole`)
      }
    },
  }
}

/** Every item of a list, read page by page as they are wanted. */
export async function* everyItem<Item>(
  remote: Remote,
  operation: Operation<z.ZodType, z.ZodType<{ items: Item[]; next?: string | null }>>,
  input: Fields = {},
): AsyncGenerator<Item> {
  let after: string | null | undefined
  do {
    const page: { items: Item[]; next?: string | null } = await remote.perform(operation, {
      ...input,
      ...(after !== undefined && { after }),
    })
    yield* page.items
    after = page.next
  } while (after !== null && after !== undefined)
}

/** The first items of a list, so many at most. */
export async function* firstOf<Item>(items: AsyncIterable<Item>, most: number): AsyncGenerator<Item> {
  let left = most
  for await (const item of items) {
    yield item
    if (--left === 0) return
  }
}

interface Request {
  method: string
  path: string
  body?: string
}

/** Fields without a value are left out. */
function requestFor({ method, path, at }: Pick<Operation, 'method' | 'path' | 'at'>, input: Fields): Request {
  const left = new Map(Object.entries(input).filter(([, value]) => value !== undefined && value !== null))
  const filled = `${at === 'realm' ? '/realms/:realm' : ''}${path}`.replaceAll(/:(\w+)/g, (_, name) => {
    const value = String(left.get(name) ?? '')
    left.delete(name)
    // Within an address these mean another one.
    if (['', '.', '..'].includes(value)) throw new CommandError(`no ${name} is called "${value}"`)
    return encodeURIComponent(value)
  })
  if (at === 'server') left.delete('realm')
  if (method !== 'GET' && method !== 'DELETE')
    return { method, path: filled, body: JSON.stringify(Object.fromEntries(left)) }
  const query = [...left].flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one)]),
  )
  return { method, path: query.length === 0 ? filled : `${filled}?${new URLSearchParams(query)}` }
}

/** An answer of an admin API that refuses nothing. Throws `CommandError` for any other. */
async function ask(
  network: Outside['network'],
  { url, token }: ServerPlace,
  { method, path, body }: Request,
  timeoutMs: number,
): Promise<Response> {
  const answer = await network(`${url}${apiPath}${path}`, {
    method,
    // The token is for this server alone.
    redirect: 'manual',
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body }),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    throw new CommandError(`${url} cannot be reached: ${reasonOf((error as Error).cause ?? error)}`)
  })
  if (answer.ok && isJson(answer)) return answer
  throw refusalOf(url, answer.status, isJson(answer) ? await readJson(answer) : undefined)
}

function isJson({ headers }: Response): boolean {
  return /json/.test(headers.get('content-type') ?? '')
}

async function readJson(answer: Response): Promise<unknown> {
  return answer.json().catch(() => undefined)
}

/** What a server says of a request that it refuses, on one line. */
function refusalOf(url: string, status: number, content: unknown): ServerRefusal {
  const { code, title, detail, issues = [], requestId } = (content ?? {}) as Problem
  if (code === undefined || title === undefined)
    return new ServerRefusal(`${url} is no admin API of Manydoors: it answers ${status}`)
  const wrong = issues.map(({ field, message }) => `${field}: ${message}`).join(' ')
  const said = detail ?? (wrong === '' ? `${title}.` : wrong)
  const within = status < 500 ? code : `${code}, request ${requestId}`
  return new ServerRefusal(`${said} (${within})`, code)
}

interface Problem {
  code?: string
  title?: string
  detail?: string
  issues?: { field: string; message: string }[]
  requestId?: string
}
