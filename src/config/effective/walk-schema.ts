import type { z } from 'zod'
import type { Path } from '../sources/findings.ts'
import { sectionOf } from '../sources/tree.ts'

/** One setting of a schema: a place at which a value may stand. */
export interface SchemaLeaf {
  path: Path
  /** What is given there before the schema has read it; `undefined` for nothing. */
  given: unknown
  /** What it is for, as the schema describes it. */
  description?: string
  /** Whether it may be given as the path of a file, which only secrets may. */
  isSecret: boolean
}

type Def = { type: string; innerType?: z.ZodType; in?: z.ZodType; out?: z.ZodType }
type Objects = z.ZodObject & { shape: Record<string, z.ZodType> }
type Records = z.ZodRecord & { valueType: z.ZodType }

/**
 * Every setting that a schema knows, in its order: those that are given and those that are not. Sections by name and
 * lists of sections have what is given in them; a section that is not given has its settings unless it needs some.
 * `isThere` tells of sections that are left out of the walk.
 */
export function* walkSchema(
  schema: z.ZodType,
  given: unknown,
  { isThere = () => true, path = [] }: { isThere?: (path: Path) => boolean; path?: Path } = {},
): Generator<SchemaLeaf> {
  if (!isThere(path)) return
  const inner = unwrap(schema, given)
  const within = (child: z.ZodType, step: PropertyKey, value: unknown) =>
    walkSchema(child, value, { isThere, path: [...path, step] })

  if (isObject(inner) && !(given === undefined && needsMore(inner))) {
    yield* walkObject(inner, sectionOf(given), { path, isThere })
  } else if (isRecord(inner) && Object.keys(sectionOf(given)).length > 0) {
    for (const [name, value] of Object.entries(sectionOf(given))) yield* within(inner.valueType, name, value)
  } else if (isArray(inner) && Array.isArray(given) && given.some(isSection)) {
    for (const [index, value] of given.entries()) yield* within(inner.element as z.ZodType, index, value)
  } else {
    const description = descriptionOf(schema)
    yield { path, given, isSecret: false, ...(description !== undefined && { description }) }
  }
}

function* walkObject(
  { shape, def }: Objects,
  given: Record<string, unknown>,
  { path, isThere }: { path: Path; isThere: (path: Path) => boolean },
): Generator<SchemaLeaf> {
  const isFile = (name: string) => name.endsWith('File') && name.slice(0, -'File'.length) in shape
  for (const [name, child] of Object.entries(shape)) {
    // It is told as the source of what it holds.
    if (isFile(name)) continue
    const isSecret = `${name}File` in shape
    for (const leaf of walkSchema(child as z.ZodType, given[name], { isThere, path: [...path, name] }))
      yield isSecret ? { ...leaf, isSecret } : leaf
  }
  if (!def.catchall) return
  // Nobody says of these what they are.
  for (const name of Object.keys(given).filter((name) => !(name in shape)))
    yield { path: [...path, name], given: given[name], isSecret: true }
}

/** What is inside of the wrappers of a schema; of alternatives, the one that what is given looks like. */
function unwrap(schema: z.ZodType, given: unknown): z.ZodType {
  const def = schema.def as unknown as Def
  if (def.innerType) return unwrap(def.innerType, given)
  // The form in which it is written; what is rewritten first has none of its own.
  if (def.type === 'pipe' && def.in && def.out) return unwrap(isTransform(def.in) ? def.out : def.in, given)
  if (!isUnion(schema) || !isSection(given)) return schema
  const inside = schema.options.map((option) => unwrap(option as z.ZodType, given))
  return inside.find((option) => isObject(option) || isRecord(option)) ?? schema
}

/** The outermost one says what this setting is for; those within say what its kind is. */
function descriptionOf(schema: z.ZodType): string | undefined {
  const { innerType } = schema.def as unknown as Def
  return schema.description ?? (innerType && descriptionOf(innerType))
}

/** Whether a section has something that must be given. */
function needsMore({ shape }: Objects): boolean {
  return Object.values(shape).some((child) => !child.safeParse(undefined).success)
}

function isSection(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isObject(schema: z.ZodType): schema is Objects {
  return schema.def.type === 'object'
}

function isRecord(schema: z.ZodType): schema is Records {
  return schema.def.type === 'record'
}

function isArray(schema: z.ZodType): schema is z.ZodArray {
  return schema.def.type === 'array'
}

function isUnion(schema: z.ZodType): schema is z.ZodUnion {
  return schema.def.type === 'union'
}

function isTransform(schema: z.ZodType): boolean {
  return schema.def.type === 'transform'
}
