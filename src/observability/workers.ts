import cluster, { type Worker } from 'node:cluster'
import type { MetricsSource } from './metrics.ts'
import type { Publish } from './publish.ts'

/** What the first process asks its workers for, and what they answer with the number that it gave the question. */
interface Question {
  metricsWanted: number
}
interface Answer {
  metricsOf: number
  values: object[]
}

/** Longer than a worker waits for the database. One that is late is left out of this scrape. */
const answerTimeoutMs = 4_000

/** Of a worker: has its metrics ready for the first process, which publishes them. */
export const publishToPrimary: Publish = async (source) => {
  const onMessage = (words: unknown) => {
    if (!isOf<Question>(words, 'metricsWanted')) return
    const answer = (values: object[]) => cluster.worker?.send({ metricsOf: words.metricsWanted, values })
    source.values().then(answer, () => answer([]))
  }
  cluster.worker?.on('message', onMessage)
  return {
    close: async () => {
      cluster.worker?.off('message', onMessage)
    },
  }
}

/** Of the first process: what all its workers count, added up or taken together as each metric wants it. */
export async function metricsOfWorkers(): Promise<MetricsSource> {
  const { AggregatorRegistry, Registry } = await import('prom-client')
  let questions = 0
  const values = () => {
    questions += 1
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker?.isConnected())
    return Promise.all(workers.map((worker) => (worker ? ask(worker, questions) : [])))
  }
  return {
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    text: async () => AggregatorRegistry.aggregate(await values()).metrics(),
    values: async () => (await values()).flat(),
  }
}

function ask(worker: Worker, question: number): Promise<object[]> {
  return new Promise((answered) => {
    const end = (values: object[]) => {
      clearTimeout(timer)
      worker.off('message', onMessage)
      worker.off('exit', onExit)
      answered(values)
    }
    const onExit = () => end([])
    const onMessage = (words: unknown) => {
      if (isOf<Answer>(words, 'metricsOf') && words.metricsOf === question) end(words.values)
    }
    const timer = setTimeout(onExit, answerTimeoutMs)
    worker.on('message', onMessage)
    worker.on('exit', onExit)
    worker.send({ metricsWanted: question } satisfies Question, (error) => error && onExit())
  })
}

function isOf<T>(words: unknown, field: keyof T): words is T {
  return typeof words === 'object' && words !== null && field in words
}
