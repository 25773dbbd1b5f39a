import { z } from 'zod'
import type { Page } from '../../core/lists/pages.ts'
import { optional } from '../../http/fields.ts'
import { fieldRules } from './field-rules.ts'
import { nextField } from './operation.ts'

/** Items of a page at most: so many an operator reads, and so many are quick. */
const maxItems = 50

/** Which page of a list is asked for. */
export const placeFields = {
  after: optional(z.string().max(2_000)).describe('Where the page begins: the `next` of the page before'),
  before: optional(z.string().max(2_000)).describe('Where the page ends: the `previous` of the page behind'),
  most: optional(z.coerce.number().int().min(1).max(maxItems)).describe('Items of a page at most'),
}

/** Which page is wanted, as the core takes it. */
export function placeOf({
  after,
  before,
  most = maxItems,
}: {
  after?: string
  before?: string
  most?: number
}) {
  return { after, before, most }
}

/** A page of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    next: nextField,
    previous: z.string().nullable().describe('The `before` of the page before; null at the beginning'),
  })
}

/** A page as it is answered. */
export function presentPage<Item, Shown>(page: Page<Item>, present: (item: Item) => Shown) {
  return { items: page.items.map(present), next: page.after ?? null, previous: page.before ?? null }
}

/** Text that may be missing, as a form or an address has it. */
export function optionalText(max = 320) {
  return optional(z.string().trim().max(max))
}

/** A time that may be missing, in ISO 8601, also without a zone as a form has it: then in UTC. */
export const optionalTime = optional(
  z.string().transform((text, issues) => {
    const epochMs = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`)
    if (Number.isNaN(epochMs)) issues.addIssue({ code: 'custom', message: fieldRules.time })
    return epochMs
  }),
)
