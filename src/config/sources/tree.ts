/** A part of the settings: values and further parts by their names. */
export type Section = Record<string, unknown>

/** What is there as a section, an empty one for everything else. */
export function sectionOf(value: unknown): Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Section) : {}
}

/** What is at a place, such as `smtp.url`; `undefined` for nothing. */
export function valueAt(tree: unknown, place: string): unknown {
  return place.split('.').reduce((value, name) => sectionOf(value)[name], tree)
}

/** `base` with what `top` has at these places, and without what it has not. */
export function overlay<Base>(base: Base, top: unknown, places: string[]): Base {
  return places.reduce<unknown>((tree, place) => withValue(tree, place, valueAt(top, place)), base) as Base
}

/** A section with a value at a place, or with nothing there; what is given stays as it is. */
export function withValue(given: unknown, place: string, value: unknown): Section {
  const [, name = '', rest] = /^([^.]*)(?:\.(.*))?$/.exec(place) ?? []
  const { [name]: old, ...others } = sectionOf(given)
  const own = rest === undefined ? value : withValue(old, rest, value)
  return own === undefined ? others : { ...others, [name]: own }
}
