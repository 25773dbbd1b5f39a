import { sendError, type WriterAnswer } from './writer-messages.ts'

/** Answers of the writer thread that wait for nothing but to be sent, several in one message. */
export class Outbox {
  readonly #send: (answers: WriterAnswer[]) => void
  #answers: WriterAnswer[] = []

  constructor(send: (answers: WriterAnswer[]) => void) {
    this.#send = send
  }

  add(...answers: WriterAnswer[]): void {
    this.#answers.push(...answers)
  }

  addError(number: number, error: unknown): void {
    this.#answers.push({ number, error: sendError(error) })
  }

  send(): void {
    if (this.#answers.length === 0) return
    const answers = this.#answers
    this.#answers = []
    this.#send(answers)
  }
}
