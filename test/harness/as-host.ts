import { request } from 'node:http'

/** GETs as one who knows the server under another name: `fetch` insists on the name that it connects to. */
export function getAsHost(
  url: string,
  host: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  return new Promise((answered, failed) => {
    const sent = request(url, { headers: { ...headers, host }, agent: false }, async (response) => {
      let text = ''
      for await (const chunk of response.setEncoding('utf8')) text += chunk
      answered({ status: response.statusCode ?? 0, text })
    })
    sent.on('error', failed).end()
  })
}
