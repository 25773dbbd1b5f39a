import { eventually } from './events.ts'
import type { TestServer } from './harness.ts'

type Line = Record<string, unknown>

/** The lines of a log that are meant, oldest first; waits until so many are there, and returns those that are then. */
export function linesOf(
  { log }: Pick<TestServer, 'log'>,
  isMeant: (line: Line) => boolean,
  count = 1,
): Promise<Line[]> {
  return eventually(`${count} lines of the log`, () => {
    const lines = log.filter(isMeant)
    return lines.length >= count ? lines : undefined
  })
}
