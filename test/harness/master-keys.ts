import { createHash, randomBytes } from 'node:crypto'
import type { TestServer } from './harness.ts'

/** What a server is told of master keys. */
export interface GivenKeys {
  primary: string
  next?: string
  previous?: string
}

/** A master key as an operator makes one. */
export function newMasterKey(): string {
  return randomBytes(32).toString('base64')
}

/** The 32 bytes of a master key that is the same each time; another for each number. */
export function sampleKey(number: number): Buffer {
  return createHash('sha256').update(`a master key for tests, and for nothing else: ${number}`).digest()
}

/** The variables that say so. */
export function keyVariables({ primary, next = '', previous = '' }: GivenKeys): Record<string, string> {
  return {
    MANYDOORS_SECRET: primary,
    MANYDOORS_SECRET_NEXT: next,
    MANYDOORS_SECRET_PREVIOUS: previous,
  }
}

/** Starts the server again with other master keys. */
export async function restartWith(server: TestServer, keys: GivenKeys): Promise<void> {
  Object.assign(server.env, keyVariables(keys))
  await server.restart()
}
