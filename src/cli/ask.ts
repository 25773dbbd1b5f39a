import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { CommandError } from './failure.ts'

/**
 * A password: typed twice, unseen, at a terminal; else all that standard input holds, without the end of its line.
 * Throws `CommandError` when there is none.
 */
export async function askPassword(): Promise<string> {
  if (!process.stdin.isTTY) return needText((await text(process.stdin)).replace(/\r?\n$/, ''))
  const password = needText(await askUnseen('Password: '))
  if ((await askUnseen('The same again: ')) !== password) throw new CommandError('these were two passwords')
  return password
}

/** Whether the answer to a question, the first line of standard input, is `yes`. */
export async function confirm(question: string): Promise<boolean> {
  process.stderr.write(`${question} Type yes to go on: `)
  const reader = createInterface({ input: process.stdin })
  for await (const line of reader) {
    reader.close()
    return line.trim() === 'yes'
  }
  return false
}

function needText(password: string): string {
  if (password === '') throw new CommandError('there is no password: pipe one in, or use --generate')
  return password
}

async function askUnseen(question: string): Promise<string> {
  process.stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  try {
    return await reader.question('')
  } finally {
    reader.close()
    process.stderr.write('\n')
  }
}
