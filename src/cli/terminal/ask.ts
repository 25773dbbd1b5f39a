import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { CommandError } from '../failure.ts'
import type { Outside } from '../outside.ts'

/** A password: typed twice, unseen, at a terminal; else all of standard input. Throws `CommandError` without one. */
export async function askPassword(outside: Outside): Promise<string> {
  const { stdin } = outside
  if (!stdin.isTTY) return needText((await text(stdin)).replace(/\r?\n$/, ''))
  const password = needText(await askUnseen(outside, 'Password: '))
  if ((await askUnseen(outside, 'Password again: ')) !== password)
    throw new CommandError('the passwords do not match')
  return password
}

/** Whether the answer to a question, the first line of standard input, is `yes`. */
export async function confirm({ stdin, stderr }: Outside, question: string): Promise<boolean> {
  stderr.write(`${question} Type yes to go on: `)
  const reader = createInterface({ input: stdin })
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

/** What is typed at a terminal, which does not show it. */
export async function askUnseen({ stdin, stderr }: Outside, question: string): Promise<string> {
  stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: stdin, output: nowhere, terminal: true })
  try {
    return await reader.question('')
  } finally {
    reader.close()
    stderr.write('\n')
  }
}
