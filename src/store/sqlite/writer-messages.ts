import type { QueryResult } from 'kysely'
import { DatabaseUnavailable } from '../unavailable.ts'
import type { BindValues } from './file.ts'

/**
 * Asked of the writer thread; each is answered once, under its number, but for `begin` and what is `unread`: what comes
 * of these the next request of the transaction learns.
 */
export type WriterRequest = { number: number } & (
  | { what: 'run'; sql: string; parameters: BindValues }
  | { what: 'begin' }
  | { what: 'close' }
  | TransactionRequest
)

/** Belongs to the transaction that begins with the request `of` that number. */
export type TransactionRequest = { number: number; of: number } & (
  | { what: 'statement' | 'unread'; sql: string; parameters: BindValues }
  | { what: 'commit' }
  | { what: 'rollback' }
)

/** What became of a request. */
export type WriterAnswer = { number: number } & ({ result?: QueryResult<unknown> } | { error: SentError })

/** An error as it goes from one thread to the other. */
export interface SentError {
  message: string
  code?: string
  errcode?: number
  isUnavailable: boolean
}

/** The writer cannot open the file, or can: the first thing that it says. */
export interface WriterReady {
  ready: true
  error?: SentError
}

/** Takes an error apart. */
export function sendError(error: unknown): SentError {
  const isUnavailable = error instanceof DatabaseUnavailable
  const { message, code, errcode } = (isUnavailable ? error.cause : error) as Error & SentError
  return { message, code, errcode, isUnavailable }
}

/** Puts it together again. */
export function receiveError({ isUnavailable, message, ...fields }: SentError): Error {
  const error = Object.assign(new Error(message), fields)
  return isUnavailable ? new DatabaseUnavailable(error) : error
}
