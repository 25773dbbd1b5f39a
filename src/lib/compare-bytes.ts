/** Compares texts as databases do that compare by bytes; JavaScript's own order is another one beyond 16 bits. */
export function compareBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}
