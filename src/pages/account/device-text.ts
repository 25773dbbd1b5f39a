import type { Device } from '../../core/context.ts'
import type { Texts } from '../render.ts'

/** A device in words, as far as its user agent says what it is: `Firefox on Windows`. */
export function deviceText({ browser, os }: Device, texts: Texts): string {
  if (browser && os) return texts.deviceOn.replace('{browser}', () => browser).replace('{os}', () => os)
  return browser ?? os ?? texts.deviceUnknown
}
