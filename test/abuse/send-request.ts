import { Agent, request } from 'node:http'
import type { Answer } from '../harness/harness.ts'

/** A request that need not make sense; its texts hold no characters above U+00FF. */
export interface StrangeRequest {
  method: string
  target: string
  headers: Record<string, string>
  body: Buffer | undefined
}

/** In milliseconds: what takes longer hangs. */
const deadline = 60_000

/** Connections are kept between requests, as those of real clients are; a test file ends with all of them. */
const agent = new Agent({ keepAlive: true, maxSockets: 8 })

/** Sends what `fetch` would refuse to send. Throws when there is no answer. */
export function sendStrange(url: string, { method, target, headers, body }: StrangeRequest): Promise<Answer> {
  const { hostname, port } = new URL(url)
  return new Promise((answered, failed) => {
    // Node's client leaves the length out where a method has no body as a rule.
    const isChunked = 'transfer-encoding' in headers
    const length = body && !isChunked ? { 'content-length': String(body.length) } : undefined
    const options = { hostname, port, method, path: target, headers: { ...headers, ...length }, agent }
    const sent = request(options, async (response) => {
      const chunks: Buffer[] = []
      try {
        for await (const chunk of response) chunks.push(chunk)
      } catch (error) {
        return failed(error)
      }
      const text = Buffer.concat(chunks).toString()
      const found = new Headers()
      for (const [name, values = []] of Object.entries(response.headers))
        for (const value of [values].flat()) found.append(name, value)
      const isJson = /json/.test(found.get('content-type') ?? '')
      answered({
        status: response.statusCode ?? 0,
        headers: found,
        text,
        body: isJson && text ? JSON.parse(text) : text,
        cookies: [],
      })
    })
    sent.setTimeout(deadline, () => sent.destroy(new Error(`no answer within ${deadline} ms`)))
    sent.on('error', failed)
    sent.end(body)
  })
}
