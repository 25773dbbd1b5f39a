/** How deep lists and objects may be in one another. */
const maxDepth = 32

/**
 * Whether a value of JSON can be kept and read again anywhere: it is not too deep, and no text in it holds NUL or half a
 * character, for which PostgreSQL has no place in JSON.
 */
export function isKeepableJson(value: unknown): boolean {
  let level = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth || !level.every(isKeepable)) return false
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []))
  }
  return true
}

/** Whether a value is, as far as it is no list or object. */
function isKeepable(value: unknown): boolean {
  if (typeof value === 'string') return isKeepableText(value)
  return typeof value !== 'object' || value === null || Object.keys(value).every(isKeepableText)
}

function isKeepableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}
