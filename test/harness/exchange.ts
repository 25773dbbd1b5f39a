import { Agent, request } from 'node:http'
import { assertDescribed } from './described.ts'

const agent = new Agent({ keepAlive: true })

/** What `fetch` sends of itself, as apps in a browser do. */
const ownHeaders = { accept: '*/*', 'accept-language': '*', 'sec-fetch-mode': 'cors', 'user-agent': 'node' }

export interface Exchange {
  method: string
  headers: Record<string, string>
  body?: string | Buffer
}

interface Answered {
  status: number
  headers: Headers
  text: string
}

/**
 * Sends one request and reads the whole answer; follows no redirect, and throws when the connection breaks. The answer of
 * a door must be one that its document describes.
 */
export async function exchange(url: string, request: Exchange): Promise<Answered> {
  const answer = await exchangeUnheld(url, request)
  await assertDescribed(url, request, answer)
  return answer
}

/** Half the work of `fetch`, which much of the suite's time went into. */
function exchangeUnheld(url: string, { method, headers, body }: Exchange): Promise<Answered> {
  // As bytes, or else Node writes the headers in the encoding of the body.
  const bytes = body === undefined ? undefined : Buffer.from(body)
  // For some methods Node would send a body that no header tells of.
  const framing = bytes && { 'content-length': String(bytes.length) }
  return new Promise((resolve, reject) => {
    const all = { ...ownHeaders, ...framing, ...headers }
    const sent = request(url, { method, agent, headers: all }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const pairs = Object.entries(response.headersDistinct).flatMap(([name, values = []]) =>
          values.map((value): [string, string] => [name, value]),
        )
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: new Headers(pairs), text })
      })
    })
    sent.on('error', reject)
    sent.end(bytes)
  })
}
