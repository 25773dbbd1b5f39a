const real = Date.now
let offset = 0

/** Sets the clock of this process, and of every server in it, off the real one: by how much, in milliseconds. */
export function setSystemClock(milliseconds: number): void {
  offset = milliseconds
  Date.now = () => real() + offset
}
