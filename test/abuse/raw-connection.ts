import { connect, type Socket } from 'node:net'
import type { Answer } from '../harness/harness.ts'

/** A bare connection, on which anything can be said. */
export interface RawConnection {
  /** Says this and waits until it has gone out; what the other side no longer takes is lost in silence. */
  say(text: string | Buffer): Promise<void>
  /** Ends this side, and goes on listening. */
  hangUp(): void
  /** Everything that was answered, once the other side has ended the connection. */
  ended(): Promise<string>
  /** What was answered, once that holds this. */
  hears(text: string): Promise<string>
  close(): void
}

/** In milliseconds: what takes longer hangs. */
const deadline = 60_000

/** Opens a connection to the server. The caller closes it. */
export async function openRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url)
  const socket: Socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  let heard = ''
  let isOver = false
  const waiting = new Set<() => void>()
  const notify = () => {
    for (const look of waiting) look()
  }
  const over = () => {
    isOver = true
    notify()
  }
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => {
    heard += text
    notify()
  })
  socket.on('end', over)
  socket.on('error', over)
  socket.on('close', over)
  await new Promise<void>((connected, failed) => {
    socket.once('connect', connected)
    socket.once('error', failed)
  })

  const until = (what: string, isTrue: () => boolean): Promise<string> =>
    new Promise((found, failed) => {
      const timer = setTimeout(() => {
        waiting.delete(look)
        failed(new Error(`waited in vain for ${what}; heard ${JSON.stringify(heard.slice(0, 500))}`))
      }, deadline)
      const look = () => {
        if (!isTrue() && !isOver) return
        waiting.delete(look)
        clearTimeout(timer)
        if (isTrue()) found(heard)
        else
          failed(
            new Error(`the connection ended before ${what}; heard ${JSON.stringify(heard.slice(0, 500))}`),
          )
      }
      waiting.add(look)
      look()
    })
  return {
    say: (text) =>
      new Promise((said) => {
        if (isOver || !socket.writable) said()
        else socket.write(text, () => said())
      }),
    hangUp: () => void socket.end(),
    ended: () => until('the end', () => isOver),
    hears: (text) => until(text, () => heard.includes(text)),
    close: () => void socket.destroy(),
  }
}

/** Says this on a connection of its own; everything that was answered, once the other side has ended it. */
export async function sayRaw(url: string, text: string | Buffer): Promise<Answer[]> {
  const connection = await openRaw(url)
  try {
    await connection.say(text)
    return readAnswers(await connection.ended())
  } finally {
    connection.close()
  }
}

/** Takes what was heard apart into answers; all of them say how long they are. */
export function readAnswers(heard: string): Answer[] {
  const answers: Answer[] = []
  let rest = Buffer.from(heard)
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n')
    const [first = '', ...lines] = rest.toString('utf8', 0, end).split('\r\n')
    const headers = new Headers(lines.map((line) => splitAt(line, ': ')))
    const length = Number(headers.get('content-length'))
    const text = rest.toString('utf8', end + 4, end + 4 + length)
    const isJson = /json/.test(headers.get('content-type') ?? '')
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1])
    if (end < 0 || Number.isNaN(status) || Number.isNaN(length)) throw new Error(`no answer: ${rest}`)
    answers.push({ status, headers, text, body: isJson && text ? JSON.parse(text) : text, cookies: [] })
    rest = rest.subarray(end + 4 + length)
  }
  return answers
}

function splitAt(line: string, mark: string): [string, string] {
  const index = line.indexOf(mark)
  return [line.slice(0, index), line.slice(index + mark.length)]
}
