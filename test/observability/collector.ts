import { createServer } from 'node:http'
import { notify } from '../harness/events.ts'
import { bytesIn, type Fields, messagesIn, numberIn, readMessage } from './protobuf.ts'

/** A span as it came (opentelemetry/proto/trace/v1/trace.proto). */
export interface ReceivedSpan {
  traceId: string
  id: string
  parentId: string
  name: string
  /** 1 internal, 2 server, 3 client, 5 consumer */
  kind: number
  /** In nanoseconds. */
  start: bigint
  end: bigint
  attributes: Record<string, unknown>
  links: { traceId: string; id: string }[]
  /** 0 unset, 1 ok, 2 error */
  status: number
  resource: Record<string, unknown>
}

export interface Collector {
  /** `http://127.0.0.1:PORT` */
  url: string
  spans: ReceivedSpan[]
  /** Everything that came, as it came. */
  bytes: Buffer[]
  /** The headers of each delivery. */
  headers: Record<string, string | string[] | undefined>[]
  close(): Promise<void>
}

/** An OTLP/HTTP collector for traces on the loopback. With `status`, it refuses everything with that. */
export async function startCollector({ status = 200 } = {}): Promise<Collector> {
  const spans: ReceivedSpan[] = []
  const bytes: Buffer[] = []
  const headers: Collector['headers'] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    bytes.push(body)
    headers.push(request.headers)
    if (request.url === '/v1/traces') spans.push(...spansIn(body))
    notify()
    response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    spans,
    bytes,
    headers,
    close: async () => {
      const closed = new Promise((closed) => server.close(closed))
      server.closeAllConnections()
      await closed
    },
  }
}

function spansIn(body: Buffer): ReceivedSpan[] {
  return messagesIn(readMessage(body), 1).flatMap((resourceSpans) => {
    const [resource = new Map()] = messagesIn(resourceSpans, 1)
    const attributes = attributesIn(resource, 1)
    return messagesIn(resourceSpans, 2).flatMap((scope) =>
      messagesIn(scope, 2).map((span) => readSpan(span, attributes)),
    )
  })
}

function readSpan(span: Fields, resource: Record<string, unknown>): ReceivedSpan {
  const [status = new Map()] = messagesIn(span, 15)
  return {
    traceId: bytesIn(span, 1).toString('hex'),
    id: bytesIn(span, 2).toString('hex'),
    parentId: bytesIn(span, 4).toString('hex'),
    name: bytesIn(span, 5).toString(),
    kind: Number(numberIn(span, 6)),
    start: numberIn(span, 7),
    end: numberIn(span, 8),
    attributes: attributesIn(span, 9),
    links: messagesIn(span, 13).map((link) => ({
      traceId: bytesIn(link, 1).toString('hex'),
      id: bytesIn(link, 2).toString('hex'),
    })),
    status: Number(numberIn(status, 3)),
    resource,
  }
}

function attributesIn(fields: Fields, number: number): Record<string, unknown> {
  const pairs = messagesIn(fields, number).map((pair) => {
    const [value = new Map()] = messagesIn(pair, 2)
    return [bytesIn(pair, 1).toString(), readValue(value)]
  })
  return Object.fromEntries(pairs)
}

function readValue(value: Fields): unknown {
  if (value.has(1)) return bytesIn(value, 1).toString()
  return value.has(3) ? Number(numberIn(value, 3)) : [...value.entries()]
}
