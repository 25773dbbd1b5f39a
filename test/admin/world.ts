import type { TestServer } from '../harness/harness.ts'
import type { TestProgram } from './programs.ts'

/** What samples are made in. */
export interface World {
  server: TestServer
  /** With every scope. */
  program: TestProgram
}

/** Fields of operations with which they can be done, by their names: each call makes anew what it is done to. */
export type Samples = Record<
  string,
  (world: World) => Record<string, unknown> | Promise<Record<string, unknown>>
>

export const reason = 'As the matrix wants it'

let ids = 0

/** A UUID that nothing else has. */
export function freshId(): string {
  return `01900000-0000-7000-8000-${String(++ids).padStart(12, '0')}`
}
