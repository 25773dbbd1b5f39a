import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { Answer, RequestOptions, TestServer } from '../harness/harness.ts'
import { readMailbox } from '../harness/mailboxes.ts'

/** A server for one who reaches it under that name: `fetch` insists on the name that it connects to. */
export function atHost(server: TestServer, host: string): TestServer {
  const request = async (method: string, path: string, options: RequestOptions = {}) =>
    sendAs(host, `${server.url}${path}`, method, options)
  const mailbox = readMailbox(async () => (await request('GET', '/dev/mailbox.json')).body)
  return Object.assign(Object.create(server), { request, ...mailbox })
}

/** Sends one request that names this host. */
export async function sendAs(
  host: string,
  url: string,
  method: string,
  { json, form, raw, bearer, headers = {} }: RequestOptions = {},
): Promise<Answer> {
  const typed = json !== undefined ? 'application/json' : form && 'application/x-www-form-urlencoded'
  const body = json !== undefined ? JSON.stringify(json) : form ? `${new URLSearchParams(form)}` : raw
  const sent = httpRequest(url, {
    method,
    agent: false,
    headers: {
      host,
      ...(typed !== undefined && { 'content-type': typed }),
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      ...headers,
    },
  })
  const response = await new Promise<IncomingMessage>((answered, failed) => {
    sent.on('response', answered).on('error', failed).end(body)
  })
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  return answerOf(response, text)
}

function answerOf({ statusCode = 0, headersDistinct }: IncomingMessage, text: string): Answer {
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value)
  const isJson = /json/.test(headers.get('content-type') ?? '')
  return {
    status: statusCode,
    headers,
    text,
    body: isJson && text ? JSON.parse(text) : text,
    cookies: headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0] ?? ''),
  }
}
