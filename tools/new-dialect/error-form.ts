import { STATUS_CODES } from 'node:http'
import type { ErrorCode } from '../../src/core/errors.ts'
import { asFields, type Exchange, type Fields, leavesOf } from './exchange.ts'
import { faultyField, refusalOf } from './refusals.ts'
import { partOf, type Route } from './roles.ts'
import { literal, objectOf } from './source.ts'
import type { Wording } from './wording.ts'

/** The words that stand for one refusal. */
export interface Row {
  status: number
  /** Empty where the form has none, or those that were seen may not be told. */
  code: string
  message: string
}

/** How a door says no, as far as it was seen. */
export interface ErrorForm {
  contentType: string
  /** The object that goes over the wire, as source: of `status`, `code`, `message` and `title`. */
  body: string
  /** What to compare an answer with, as source: of `status`, `code`, `message` and `title`. */
  keys: string[]
  codePath?: string[]
  messagePath?: string[]
  rows: Map<ErrorCode, Row>
  /** Sentences for one field: missing, or of another form. */
  fields: Map<string, string>
  isUpperCase: boolean
  endsWithFullStop: boolean
  /** What a person must decide. */
  open: string[]
}

interface Refused {
  route: Route
  exchange: Exchange
  answer: Fields
}

/** Reads the form of errors out of all refusals that are objects of JSON. */
export function errorFormOf(routes: Route[], wording: Wording): ErrorForm {
  const refused = routes.flatMap((route) =>
    route.exchanges.flatMap((exchange): Refused[] => {
      const answer = asFields(exchange.answer)
      return exchange.status >= 400 && answer ? [{ route, exchange, answer }] : []
    }),
  )
  const usual = mostOften(refused.map(({ answer }) => JSON.stringify(pathsOf(answer))))
  const inForm = refused.filter(({ answer }) => JSON.stringify(pathsOf(answer)) === usual)
  const paths: string[][] = usual === undefined ? [['code'], ['message']] : JSON.parse(usual)
  const kinds = new Map(paths.map((path) => [path.join('.'), kindOf(path, inForm, wording)]))
  const pathOfKind = (kind: string) => paths.find((path) => kinds.get(path.join('.')) === kind)
  const codePath = pathOfKind('code')
  const messagePath = pathOfKind('message')
  const open: string[] = []
  if (inForm.length === 0) open.push('no refusal was seen: what do errors look like?')
  if (inForm.length < refused.length)
    open.push(
      `${refused.length - inForm.length} of ${refused.length} refusals had other fields: which, and when?`,
    )
  for (const [path, kind] of kinds)
    if (kind === 'null') open.push(`\`${path}\` of an error was seen with values that are not to be guessed`)
  const told = refused.map((one) => ({ ...one, row: rowOf(one, codePath, messagePath, wording) }))
  const messages = told.map(({ row }) => row.message).filter(Boolean)
  return {
    contentType: contentTypeOf(inForm),
    body: objectOf(paths.map((path) => [path, kinds.get(path.join('.')) ?? 'null'])),
    keys: [...new Set(paths.map(([first = '']) => first))],
    ...(codePath && { codePath }),
    ...(messagePath && { messagePath }),
    rows: rowsOf(told, open),
    fields: fieldSentences(told),
    isUpperCase: told.some(({ row }) => /^[A-Z][A-Z_]+$/.test(row.code)),
    endsWithFullStop: messages.filter((text) => text.endsWith('.')).length * 2 >= messages.length,
    open,
  }
}

/** JSON is UTF-8 (RFC 8259), whether a server says so or not; ours does. */
function contentTypeOf(refused: Refused[]): string {
  const seen = mostOften(refused.map(({ exchange }) => exchange.contentType)) ?? ''
  return seen === '' || /^application\/json\b/i.test(seen) ? 'application/json; charset=utf-8' : seen
}

/** The source of a value: one of the parameters of a row, or what is always the same. */
function kindOf(path: string[], refused: Refused[], wording: Wording): string {
  const name = path.at(-1) ?? ''
  if (refused.length === 0) return name
  const values = refused.map(({ answer, exchange }) => ({ value: at(answer, path), status: exchange.status }))
  if (values.every(({ value, status }) => value === status)) return 'status'
  if (values.every(({ value, status }) => value === STATUS_CODES[status])) return 'title'
  const different = new Set(values.map(({ value }) => value))
  const [first] = different
  const isBoolean = typeof first === 'boolean' || first === null
  if (different.size === 1 && (isBoolean || (refused.length > 2 && wording.tell(name, first) !== undefined)))
    return literal(first)
  if (
    values.every(
      ({ value }) => typeof value === 'string' && !Number.isNaN(Date.parse(value)) && /\dT\d/.test(value),
    )
  )
    return 'new Date().toISOString()'
  if (values.every(({ value }) => typeof value === 'string' && /^[\w.-]+$/.test(value))) return 'code'
  if (values.every(({ value }) => typeof value === 'string') && !/path|url/i.test(name)) return 'message'
  return 'null'
}

function rowOf(
  { exchange, answer }: Refused,
  codePath: string[] = [],
  messagePath: string[] = [],
  wording: Wording,
): Row {
  const told = (path: string[]) =>
    path.length === 0 ? '' : (wording.tell(path.at(-1) ?? '', at(answer, path)) ?? '')
  return { status: exchange.status, code: told(codePath), message: told(messagePath) }
}

function rowsOf(told: (Refused & { row: Row })[], open: string[]): Map<ErrorCode, Row> {
  const seen = new Map<ErrorCode, Row[]>()
  for (const { route, exchange, row } of told) {
    const code = refusalOf(route, partOf(route), exchange)
    if (code) seen.set(code, [...(seen.get(code) ?? []), row])
    else
      open.push(
        `${exchange.status} of ${exchange.method} ${route.path} was not understood: which code of the core is it?`,
      )
  }
  const rows = new Map<ErrorCode, Row>()
  for (const [code, all] of seen) {
    const statuses = [...new Set(all.map(({ status }) => status))]
    const words = [...new Set(all.map(({ code }) => code))]
    if (statuses.length > 1 || words.length > 1)
      open.push(
        `${code} was seen with ${[...statuses, ...words].filter(Boolean).join(', ')}: which, and when?`,
      )
    if (code === 'password_rejected')
      open.push(
        'what is wrong with a password is told in the sentences of the core: in those of the document? (render)',
      )
    rows.set(code, JSON.parse(mostOften(all.map((row) => JSON.stringify(row))) ?? '{}'))
  }
  return rows
}

/** Told by `render` in a sentence of their own, so that of their row is next to never seen. */
export const toldByIssue: ErrorCode[] = ['validation_failed', 'password_rejected']

/** By `missing email`, `wrong email` and so on. */
function fieldSentences(told: (Refused & { row: Row })[]): Map<string, string> {
  const sentences = new Map<string, string>()
  for (const { route, exchange, row } of told) {
    const faulty = faultyField(route, exchange)
    if (!faulty || row.message === '') continue
    sentences.set(`${faulty.fault} ${faulty.name}`, row.message)
  }
  return sentences
}

function at(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>((inner, step) => asFields(inner)?.[step], value)
}

/** Lists are left out: how many are in them differs. */
function pathsOf(answer: Fields): string[][] {
  const withoutLists = JSON.parse(JSON.stringify(answer), (_, value) => (Array.isArray(value) ? null : value))
  return leavesOf(withoutLists).map(({ path }) => path)
}

function mostOften(texts: string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0]
}
