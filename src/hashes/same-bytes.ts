import { timingSafeEqual } from 'node:crypto'

/** Whether both are the same, in a time that does not tell where they differ. Nothing at all is never the same. */
export function isSame(one: Buffer, other: Buffer): boolean {
  return one.length > 0 && one.length === other.length && timingSafeEqual(one, other)
}
