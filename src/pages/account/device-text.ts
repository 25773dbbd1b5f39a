import type { Device } from '../../core/context.ts'
import { fillIn } from '../../lib/fill-in.ts'
import type { Texts } from '../texts.ts'

/** A device in words, as far as its user agent says what it is: `Firefox on Windows`. */
export function deviceText({ browser, os }: Device, texts: Texts): string {
  if (browser && os) return fillIn(texts.deviceOn, { browser, os })
  return browser ?? os ?? texts.deviceUnknown
}
