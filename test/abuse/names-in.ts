/** What a schema reads, by name: those of an object, and of one that is made of another. */
export function namesIn(schema: unknown): string[] {
  const { def, shape } = (schema ?? {}) as { def?: { in?: unknown; out?: unknown }; shape?: object }
  if (shape) return Object.keys(shape)
  return [...new Set([...(def?.in ? namesIn(def.in) : []), ...(def?.out ? namesIn(def.out) : [])])]
}
