import fc, { type Arbitrary } from 'fast-check'

/** What comes before and after the halves of characters (surrogates), which are no characters. */
const [lastBefore, firstAfter, last] = [0xd7ff, 0xe000, 0x10ffff]
const halves = firstAfter - lastBefore - 1

/**
 * Any character, a unit of `fc.string`. Its own `binary` means the same, and makes a table of all characters first: a second
 * of CPU time in each process, and more than a million entries that its collector goes through from then on.
 */
export const anyCharacter: Arbitrary<string> = fc.nat(last - halves).map(
  (place) => String.fromCodePoint(place > lastBefore ? place + halves : place),
  (text) => {
    const point = typeof text === 'string' ? (text.codePointAt(0) ?? 0) : 0
    if (typeof text !== 'string' || text !== String.fromCodePoint(point)) throw new Error('no character')
    return point > lastBefore ? point - halves : point
  },
)
