import type { ImportRecord } from '../../core/imports/neutral.ts'

/** A record while it is made: what the system does not have is `undefined`, also within `profile` and `attributes`. */
export type Draft = { [Field in keyof ImportRecord]?: ImportRecord[Field] | undefined }

/** The record without what is not there. `verified` says what the system's word for a verified name counts for. */
export function finishDraft<Given extends Draft>(draft: Given, verified: 'keep' | 'none'): Given {
  return withoutGaps({
    ...draft,
    emailVerified: verified === 'keep' && draft.email ? draft.emailVerified : undefined,
    phoneVerified: verified === 'keep' && draft.phone ? draft.phoneVerified : undefined,
    profile: withoutGaps(draft.profile ?? {}),
    attributes: withoutGaps(draft.attributes ?? {}),
  })
}

/** The object without what is `undefined`. */
export function withoutGaps<Content extends object>(object: Content): Content {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => !isGap(value))) as Content
}

/** Neither texts nor lists nor objects are empty in a record. */
function isGap(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
