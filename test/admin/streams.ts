import assert from 'node:assert/strict'
import type { TestServer } from '../harness/harness.ts'
import type { PlainBrowser } from '../pages/jar.ts'

/** An event of a stream. */
interface StreamedEvent {
  id: string
  data: string
}

/** A stream of server-sent events, as a browser has it open. */
export interface Stream extends AsyncDisposable {
  /** The next event whose data matches; those before it are passed over. */
  next(pattern: RegExp): Promise<StreamedEvent>
  close(): Promise<void>
}

/** Opens a stream with the cookies of a browser; fails where it is refused. */
export async function openStream(
  { url }: Pick<TestServer, 'url'>,
  { cookies }: PlainBrowser,
  path: string,
  headers: Record<string, string> = {},
): Promise<Stream> {
  const aborted = new AbortController()
  const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
  const answer = await fetch(url + path, { headers: { cookie, ...headers }, signal: aborted.signal })
  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-type') ?? '', /^text\/event-stream/)
  const events = read(answer.body ?? assert.fail('no body'))
  const close = async () => aborted.abort()
  return {
    close,
    [Symbol.asyncDispose]: close,
    async next(pattern) {
      for (;;) {
        const { value } = await events.next()
        assert.ok(value, 'the stream has ended')
        if (pattern.test(value.data)) return value
      }
    },
  }
}

async function* read(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamedEvent, undefined> {
  let text = ''
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) {
      const valuesOf = (name: string) =>
        part
          .split('\n')
          .flatMap((line) => (line.startsWith(`${name}: `) ? [line.slice(name.length + 2)] : []))
      const [id = ''] = valuesOf('id')
      if (id !== '') yield { id, data: valuesOf('data').join('\n') }
    }
  }
  return undefined
}
