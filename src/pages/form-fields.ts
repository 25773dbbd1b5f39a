import { z } from 'zod'

/** What somebody has typed into a field, or a page has put there; empty where the field is missing or stands there twice. */
export const textField = z.string().catch('')

/** A part of a query; `undefined` where it is missing or stands there twice. */
export const optionalText = z.string().optional().catch(undefined)
