/**
 * Whether a text is what a pattern stands for: `**` for any text, `*` for one without `.` and `/`, all else for itself. It
 * takes as many steps as both are long, multiplied, whatever is in them: strangers choose the text.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  /** Where a match of what has been read of the pattern may end. */
  let ends = new Set([0])
  for (const part of pattern.split(/(\*\*|\*)/).filter(Boolean)) {
    if (part === '**') ends = from(Math.min(...ends), text.length)
    else if (part === '*') ends = withoutSeparators(ends, text)
    else ends = new Set([...ends].filter((end) => text.startsWith(part, end)).map((end) => end + part.length))
    if (ends.size === 0) return false
  }
  return ends.has(text.length)
}

function from(first: number, last: number): Set<number> {
  return new Set(Array.from({ length: last - first + 1 }, (_, index) => first + index))
}

function withoutSeparators(ends: Set<number>, text: string): Set<number> {
  const reached = new Set<number>()
  for (const end of [...ends].sort((one, other) => one - other)) {
    let at = end
    while (!reached.has(at)) {
      reached.add(at)
      if (at === text.length || './'.includes(text.charAt(at))) break
      at++
    }
  }
  return reached
}
