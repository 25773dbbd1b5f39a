import type { Answer, RequestOptions, TestServer } from '../../harness/harness.ts'

const recordedOrigin = 'https://auth.legacy.example'

/** HAR 1.2, as far as it is written here. */
export interface Recording {
  log: { version: string; creator: { name: string; version: string }; entries: Entry[] }
}

type Entry = ReturnType<typeof entryOf>

/** The server, whose exchanges are kept as a browser records them (HAR 1.2). */
export function recorded(server: TestServer): { server: TestServer; har: () => Recording } {
  const entries: Entry[] = []
  const request = async (method: string, path: string, options: RequestOptions = {}) => {
    const answer = await server.request(method, path, options)
    entries.push(entryOf(method, path, options, answer))
    return answer
  }
  return {
    server: Object.create(server, { request: { value: request } }),
    har: () => ({ log: { version: '1.2', creator: { name: 'test', version: '1' }, entries } }),
  }
}

function entryOf(
  method: string,
  path: string,
  { json, bearer, headers = {} }: RequestOptions,
  answer: Answer,
) {
  const sent = { ...headers, ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }) }
  return {
    startedDateTime: '2030-01-01T00:00:00.000Z',
    time: 1,
    request: {
      method,
      url: `${recordedOrigin}${path}`,
      headers: Object.entries(sent).map(([name, value]) => ({ name, value })),
      postData: json === undefined ? undefined : { mimeType: 'application/json', text: JSON.stringify(json) },
    },
    response: {
      status: answer.status,
      headers: [...answer.headers].map(([name, value]) => ({ name, value })),
      content: { mimeType: answer.headers.get('content-type') ?? '', text: answer.text },
    },
  }
}
