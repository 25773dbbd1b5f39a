import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { eventually, notify } from './events.ts'

/** A connection that is spoken to byte by byte. */
export interface Connection {
  write(text: string): void
  /** Waits for the next whole answer. */
  answer(): Promise<string>
}

/** Connects to a server. What it sends is kept until it is asked for; when it sends no more, asking throws. */
export async function openConnection(url: string): Promise<Connection> {
  const { port, hostname } = new URL(url)
  const socket = connect(Number(port), hostname)
  let received = ''
  let failure: Error | undefined
  socket.setEncoding('utf8').on('data', (text) => {
    received += text
    notify()
  })
  socket.on('error', (error) => {
    failure = error
  })
  // After an error, too.
  socket.on('close', () => {
    failure ??= new Error('the connection was closed')
    notify()
  })
  await new Promise((connected) => socket.once('connect', connected))
  return {
    write: (text) => void socket.write(text),
    answer: () =>
      eventually('an answer', () => {
        const end = received.indexOf('\r\n\r\n') + 4
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(received.slice(0, end))?.[1] ?? 0)
        if (end < 4 || received.length < end + length) {
          if (failure) throw failure
          return undefined
        }
        const answer = received.slice(0, end + length)
        received = received.slice(end + length)
        return answer
      }),
  }
}

/** A sign-in at the door of minbil whose head the server has read, as it says, and whose body it waits for. */
export async function beginSignIn(
  url: string,
  credentials: { email: string; password: string },
): Promise<{ connection: Connection; finish(): void }> {
  const connection = await openConnection(url)
  const body = JSON.stringify(credentials)
  connection.write(
    [
      'POST /api/co/auth/sign-in HTTP/1.1',
      'Host: localhost',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      'Expect: 100-continue',
      '\r\n',
    ].join('\r\n'),
  )
  assert.match(await connection.answer(), /^HTTP\/1\.1 100 Continue\r\n/)
  return { connection, finish: () => connection.write(body) }
}

/** What comes after the head of an answer. */
export function bodyOf(answer: string): string {
  return answer.slice(answer.indexOf('\r\n\r\n') + 4)
}

/** Whether anybody takes a connection there. */
export async function isListening(url: string): Promise<boolean> {
  const { port, hostname } = new URL(url)
  return new Promise((known) => {
    const socket = connect(Number(port), hostname)
    socket.once('connect', () => {
      socket.destroy()
      known(true)
    })
    socket.once('error', () => known(false))
  })
}
