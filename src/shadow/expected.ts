import { z } from 'zod'
import type { Difference } from './difference.ts'

/** Differences on purpose. A star at the end of a route or a pointer stands for everything that goes on so. */
export const expectedRows = z.array(
  z.strictObject({
    route: z.string('route must be like POST /auth/login'),
    pointer: z.string('pointer must be like status, header location or /user/id'),
    old: z.union([z.string(), z.number().transform(String)]).optional(),
    new: z.union([z.string(), z.number().transform(String)]).optional(),
    rule: z.string('rule must say why'),
  }),
)

export type ExpectedRow = z.output<typeof expectedRows>[number]

/** The row that a difference is expected by. */
export function expectedBy(
  rows: ExpectedRow[],
  route: string,
  difference: Difference,
): ExpectedRow | undefined {
  return rows.find(
    (row) =>
      fits(row.route, route) &&
      fits(row.pointer, difference.pointer) &&
      (row.old === undefined || row.old === difference.old) &&
      (row.new === undefined || row.new === difference.new),
  )
}

function fits(pattern: string, text: string): boolean {
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : pattern === text
}
