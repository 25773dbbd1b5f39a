/** Puts values in place of `{name}` in a text; what has no value stays. Nothing in a value counts as a name. */
export function fillIn(text: string, values: Record<string, string | number>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole))
}
