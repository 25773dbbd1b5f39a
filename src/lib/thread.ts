import { Worker } from 'node:worker_threads'

/** The thread has ended, or was closed, before it has answered. */
export class ThreadEnded extends Error {
  constructor() {
    super('the thread has ended')
    this.name = 'ThreadEnded'
  }
}

/** A thread that answers questions, one after the other. */
export interface Thread<Question, Answer> {
  /** Throws `ThreadEnded`, and whatever the thread has failed with. */
  ask(question: Question): Promise<Answer>
  /** Ends it, and refuses whoever waits and asks from then on. */
  close(): Promise<void>
}

/**
 * A thread that runs a module, which answers each message with one of its own. It is started at the first question, and
 * reused. Should it fail, so does that question, and the next one starts another.
 */
export function createThread<Question, Answer extends object>({
  module,
  isAnswer,
}: {
  module: URL
  /** Others speak on this way, too: with `--watch` Node says which files a thread has loaded. */
  isAnswer(message: object): message is Answer
}): Thread<Question, Answer> {
  let worker: Worker | undefined
  let asked: { resolve(answer: Answer): void; reject(error: Error): void } | undefined
  let isClosed = false
  let last: Promise<unknown> = Promise.resolve()

  const end = (error: Error) => {
    worker = undefined
    asked?.reject(error)
  }
  const start = () => {
    const started = new Worker(module)
    started.on('message', (message: object) => {
      if (isAnswer(message)) asked?.resolve(message)
    })
    started.on('error', (error) => {
      if (worker === started) end(error)
    })
    started.on('exit', () => {
      if (worker === started) end(new ThreadEnded())
    })
    return started
  }
  const askNow = (question: Question) =>
    new Promise<Answer>((resolve, reject) => {
      if (isClosed) throw new ThreadEnded()
      asked = { resolve, reject }
      worker ??= start()
      worker.postMessage(question)
    })

  return {
    ask: (question) => {
      const answer = last.then(() => askNow(question))
      last = answer.catch(() => {})
      return answer
    },
    close: async () => {
      isClosed = true
      const ending = worker
      end(new ThreadEnded())
      await ending?.terminate()
    },
  }
}
