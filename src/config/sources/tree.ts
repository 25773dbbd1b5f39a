/** A part of the settings: values and further parts by their names. */
export type Section = Record<string, unknown>

/** The value if it is a section, else an empty one. */
export function sectionOf(value: unknown): Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Section) : {}
}

/** The value at a place such as `smtp.url`. */
export function valueAt(tree: unknown, place: string): unknown {
  return place.split('.').reduce((value, name) => sectionOf(value)[name], tree)
}

/** `base` with the values of `top` at these places; what `top` lacks there is removed. */
export function overlay<Base>(base: Base, top: unknown, places: string[]): Base {
  return places.reduce<unknown>((tree, place) => withValue(tree, place, valueAt(top, place)), base) as Base
}

/** A copy of a section with a value set at a place, or removed from there. */
export function withValue(given: unknown, place: string, value: unknown): Section {
  const [, name = '', rest] = /^([^.]*)(?:\.(.*))?$/.exec(place) ?? []
  const { [name]: old, ...others } = sectionOf(given)
  const own = rest === undefined ? value : withValue(old, rest, value)
  return own === undefined ? others : { ...others, [name]: own }
}
