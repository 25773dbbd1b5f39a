import type { ImportRecord } from '../../core/imports/neutral.ts'

/** A record while it is made: what the system does not have is `undefined`, also within `profile` and `attributes`. */
export type Draft = { [Field in keyof ImportRecord]?: ImportRecord[Field] | undefined }

/** The record without what is not there. `verified` says what the system's word for a verified name counts for. */
export function finishDraft(draft: Draft, verified: 'keep' | 'none'): Draft {
  const { emailVerified, phoneVerified, profile, attributes, ...rest } = draft
  return withoutGaps({
    ...rest,
    emailVerified: verified === 'keep' && draft.email ? emailVerified : undefined,
    phoneVerified: verified === 'keep' && draft.phone ? phoneVerified : undefined,
    profile: objectIn(profile),
    attributes: objectIn(attributes),
  })
}

function objectIn(object: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  const content = withoutGaps(object ?? {})
  return Object.keys(content).length > 0 ? content : undefined
}

function withoutGaps<Content extends object>(object: Content): Content {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Content
}
