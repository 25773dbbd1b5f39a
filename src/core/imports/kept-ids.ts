import { nobody } from '../limits/code-limits.ts'

const keepable = /^[A-Za-z0-9._~:|@-]{1,64}$/

/**
 * Begin texts that stand beside ids: the kinds of names, and pseudonyms of the audit trail; or are what stands for no
 * account.
 */
const reserved = /^(id|email|phone|username):|^deleted-|^nobody$/

/** Whether an account can keep the id that another system has given it. */
export function isKeepableId(id: string): boolean {
  return keepable.test(id) && !reserved.test(id) && id !== nobody
}
