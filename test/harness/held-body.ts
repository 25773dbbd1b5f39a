import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { TestServer } from './harness.ts'

/** A request whose headers the server has read, and whose body has not been sent. */
export interface HeldRequest {
  /** Sends the body, and returns the status of the answer. */
  send(): Promise<number>
  /** Lets go of it unsent: nobody waits for its body any more. */
  drop(): void
}

/** Sends all of a request but its JSON body. */
export async function holdBody(
  server: Pick<TestServer, 'url' | 'request'>,
  { method, path, bearer, json = {} }: { method: string; path: string; bearer: string; json?: object },
): Promise<HeldRequest> {
  const body = JSON.stringify(json)
  const headers = {
    authorization: `Bearer ${bearer}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  }
  const sending = request(`${server.url}${path}`, { method, headers })
  const answered = once(sending, 'response')
  // Told to whoever sends it.
  answered.catch(() => {})
  sending.flushHeaders()
  // Whatever comes after it is looked at after it, and goes the same way to the database.
  for (let times = 0; times < 3; times++) await server.request('GET', '/account', { bearer })
  return {
    send: async () => {
      sending.end(body)
      const [response] = (await answered) as [IncomingMessage]
      response.resume()
      return response.statusCode ?? 0
    },
    drop: () => void sending.destroy(),
  }
}
