import { parentPort, Worker, workerData } from 'node:worker_threads'

/** One request, sent as JSON. */
export interface TimedRequest {
  url: string
  json: unknown
  headers?: Record<string, string>
}

/**
 * Sends the requests one after the other and returns how long each waited for its answer, in milliseconds. It does so
 * on a thread of its own: on the server's thread an answer would be seen only after what the server does behind it.
 */
export function timeRequests(requests: TimedRequest[]): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: requests })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

async function measure({ url, json, headers }: TimedRequest): Promise<number> {
  const body = JSON.stringify(json)
  const start = performance.now()
  const answer = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body,
  })
  await answer.arrayBuffer()
  return performance.now() - start
}

if (parentPort) {
  const times: number[] = []
  for (const request of workerData as TimedRequest[]) times.push(await measure(request))
  parentPort.postMessage(times)
}
