/** A part of the settings: values and further parts by their names. */
export type Section = Record<string, unknown>

/** What is there as a section, an empty one for everything else. */
export function sectionOf(value: unknown): Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Section) : {}
}

/** `base` with what `top` has at these places, such as `smtp.url`. */
export function overlay<Base>(base: Base, top: unknown, places: string[]): Base {
  const steps = places.map((place) => place.split('.'))
  const tree = steps.reduce((tree, path) => withValue(tree, path, valueAt(top, path)), sectionOf(base))
  return tree as Base
}

/** A section, and the sections on the way, with a value at a place; what is given stays as it is. */
export function withValue(given: unknown, [name = '', ...rest]: string[], value: unknown): Section {
  const section = sectionOf(given)
  return { ...section, [name]: rest.length > 0 ? withValue(section[name], rest, value) : value }
}

function valueAt(tree: unknown, path: string[]): unknown {
  return path.reduce((value, name) => sectionOf(value)[name], tree)
}
