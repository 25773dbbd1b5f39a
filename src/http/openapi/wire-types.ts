import { z } from 'zod'

/** A moment in UTC, to the millisecond. */
export const instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .meta({ format: 'date-time' })

/** A token that clients may look into (RFC 7519). */
export const jwt = z.string().regex(/^[\w-]+\.[\w-]+\.[\w-]+$/)

/** A text that is not empty: ids, tokens and codes whose form is no concern of clients. */
export const opaque = z.string().min(1)
