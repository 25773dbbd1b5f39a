import type { FieldClass, WireFields } from '../http/wire-fields.ts'
import { idInName, jsonIn, type ShadowRequest } from './exchange.ts'
import { partsOf, pathOf } from './routes.ts'

/** Where in a request a value stands. */
type Place = 'path' | 'query' | 'header' | 'body'

/** Gives what is to stand in place of a value of a request. */
export type Visit = (value: string, fieldClass: FieldClass | undefined, place: Place) => string

/** Shows every value of a request to `visit`. */
export function visitValues(
  request: ShadowRequest,
  fields: WireFields,
  visit: (...given: Parameters<Visit>) => void,
): void {
  mapValues(request, fields, (value, fieldClass, place) => {
    visit(value, fieldClass, place)
    return value
  })
}

/** The same request with other values. What none is changed of stays byte for byte. */
export function mapValues(request: ShadowRequest, fields: WireFields, visit: Visit): ShadowRequest {
  const body = mapBody(request, fields, visit)
  return {
    method: request.method,
    url: mapUrl(request.url, fields, visit),
    headers: request.headers.map(([name, value]) => [name, mapHeader(name, value, { fields, visit })]),
    body,
  }
}

function mapUrl(url: string, fields: WireFields, visit: Visit): string {
  const path = pathOf(url)
  const texts = path.split('/')
  const parts = partsOf(path, fields).map(({ text, fieldClass }, index) => {
    const mapped = text === '' ? text : visit(text, fieldClass, 'path')
    return mapped === text ? texts[index] : encodeURIComponent(mapped)
  })
  const query = url.slice(path.length)
  return (
    parts.join('/') +
    (query.startsWith('?') ? `?${mapForm(query.slice(1), 'query', { fields, visit })}` : query)
  )
}

interface Mapping {
  fields: WireFields
  visit: Visit
}

function mapForm(text: string, place: Place, { fields, visit }: Mapping): string {
  let isChanged = false
  const entries = [...new URLSearchParams(text)].map(([name, value]): [string, string] => {
    const mapped = visit(value, fields.fields[name], place)
    isChanged ||= mapped !== value
    return [name, mapped]
  })
  return isChanged ? new URLSearchParams(entries).toString() : text
}

function mapHeader(name: string, value: string, { fields, visit }: Mapping): string {
  if (name === 'cookie') {
    return value.replaceAll(/([^=;\s]+)=("?)([^;"]*)/g, (_, cookie: string, quote: string, text: string) => {
      const name = cookie.replace(idInName, (id) => visit(id, 'id', 'header'))
      return `${name}=${quote}${visit(text, fields.fields[cookie.replace(idInName, '{id}')], 'header')}`
    })
  }
  if (name === 'authorization') {
    return value.replace(/^(bearer\s+)(.+)$/i, (_, scheme: string, token: string) => {
      return scheme + visit(token, 'token', 'header')
    })
  }
  const fieldClass = fields.fields[name]
  return fieldClass ? visit(value, fieldClass, 'header') : value
}

function mapBody(request: ShadowRequest, fields: WireFields, visit: Visit): Buffer {
  const type = request.headers.find(([name]) => name === 'content-type')?.[1] ?? ''
  const mapping = { fields, visit }
  if (/x-www-form-urlencoded/i.test(type)) {
    const text = request.body.toString()
    const mapped = mapForm(text, 'body', mapping)
    return mapped === text ? request.body : Buffer.from(mapped)
  }
  const json = jsonIn(request)
  if (json === undefined) return request.body
  const mapped = mapJson(json, undefined, mapping)
  return mapped === json ? request.body : Buffer.from(JSON.stringify(mapped))
}

/** The same value where nothing is changed in it. Items of a list have the name of the list. */
function mapJson(value: unknown, name: string | undefined, mapping: Mapping): unknown {
  if (typeof value === 'string') {
    return mapping.visit(value, name === undefined ? undefined : mapping.fields.fields[name], 'body')
  }
  if (typeof value !== 'object' || value === null) return value
  const isList = Array.isArray(value)
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [
    key,
    mapJson(item, isList ? name : key, mapping),
  ])
  const isSame = entries.every(([key, item]) => item === (value as Record<string, unknown>)[key])
  if (isSame) return value
  return isList ? entries.map(([, item]) => item) : Object.fromEntries(entries)
}
