import type { z } from 'zod'
import { apiPath } from '../../admin/api/shape.ts'
import type { Operation } from '../../admin/operations/operation.ts'
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
}

/** How long a server may take to answer. */
const timeoutMs = 60_000

/** The server that a command's options name. Throws `CommandError`, as `readServerPlace` does. */
export function openRemote(command: CliCommand): Remote {
  const place = readServerPlace(command)
  const { network } = command.outside
  return {
    perform: async (operation, input = {}) => {
      const answer = await ask(network, place, requestFor(operation, input))
      const { data, error } = operation.output.safeParse(answer)
      if (error)
        throw new CommandError(
          `${place.url} answers ${operation.name} in a form that this release does not know`,
        )
      return data
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

async function ask(
  network: Outside['network'],
  { url, token }: ServerPlace,
  request: Request,
): Promise<unknown> {
  const { method, path, body } = request
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
  const content = await readJson(answer)
  if (answer.ok && content !== undefined) return content
  throw new CommandError(refusalOf(url, answer.status, content))
}

async function readJson(answer: Response): Promise<unknown> {
  if (!/json/.test(answer.headers.get('content-type') ?? '')) return undefined
  return answer.json().catch(() => undefined)
}

/** What a server says of a request that it refuses, on one line. */
function refusalOf(url: string, status: number, content: unknown): string {
  const { code, title, detail, issues = [], requestId } = (content ?? {}) as Problem
  if (code === undefined || title === undefined)
    return `${url} is no admin API of Manydoors: it answers ${status}`
  const wrong = issues.map(({ field, message }) => `${field}: ${message}`).join(' ')
  const said = detail ?? (wrong === '' ? `${title}.` : wrong)
  return status < 500 ? `${said} (${code})` : `${said} (${code}, request ${requestId})`
}

interface Problem {
  code?: string
  title?: string
  detail?: string
  issues?: { field: string; message: string }[]
  requestId?: string
}
