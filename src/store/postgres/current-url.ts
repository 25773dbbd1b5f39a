import { readFileSync } from 'node:fs'
import type { PostgresLocation } from '../types.ts'

/** Where PostgreSQL is and who we are to it, which may change while the process runs. */
export interface CurrentUrl {
  readonly url: string
  /** Whether there is another one by now than that which has failed; looks where it came from. */
  isRenewed(failed: string): boolean
}

/** The file is read again no more often than that. */
const minIntervalMs = 3_000

/**
 * The URL of a location. One that came from a file is read again from there when it has failed: a password, a host
 * or a certificate may have changed. Then `onRenewed` is called.
 */
export function currentUrl(
  { url: first, urlFile }: PostgresLocation,
  onRenewed: (file: string) => void = () => {},
): CurrentUrl {
  let url = first
  let readAt = Number.NEGATIVE_INFINITY

  const readAgain = (file: string) => {
    if (performance.now() - readAt < minIntervalMs) return
    readAt = performance.now()
    const written = readUrl(file)
    if (written === undefined || written === url) return
    url = written
    onRenewed(file)
  }
  return {
    get url() {
      return url
    },
    isRenewed: (failed) => {
      if (urlFile !== undefined && failed === url) readAgain(urlFile)
      return failed !== url
    },
  }
}

/** `undefined` while there is none: a file may be met half written. */
function readUrl(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim()
    return /^postgres(ql)?:$/.test(URL.parse(text)?.protocol ?? '') ? text : undefined
  } catch {
    return undefined
  }
}
