/** Every object in a document, with its place. */
export function* walk(value: unknown, place = '#'): Generator<[place: string, value: object]> {
  if (typeof value !== 'object' || value === null) return
  yield [place, value]
  for (const [name, inner] of Object.entries(value)) yield* walk(inner, `${place}/${name}`)
}

/** Whether what stands there in a document of OpenAPI is a schema that stands for itself. */
export function isSchema(place: string, value: object): boolean {
  const isInline = /\/schema$/.test(place) && !/\/properties\/schema$/.test(place)
  return (isInline && !('$ref' in value)) || /^#\/components\/schemas\/\w+$/.test(place)
}

/** What a reference leads to. */
export function resolve(document: object, ref: string): unknown {
  const steps = ref.replace(/^#\//, '').split('/')
  return steps.reduce<unknown>(
    (value, step) => (value as Record<string, unknown> | undefined)?.[step],
    document,
  )
}
