import type { ErrorCode } from '../../src/core/errors.ts'
import type { Draft } from './draft.ts'
import { type ErrorForm, type Row, toldByIssue } from './error-form.ts'
import { importOf, literal, marks } from './source.ts'

/** `errors.ts` */
export function errorsSource({ form }: Draft): string {
  const rows = [...form.rows].map(([name, row]) => rowSource(form, name, row))
  const open = [...form.open]
  const seen = [
    'credentials_invalid',
    'access_invalid',
    'refresh_invalid',
    'email_taken',
    'validation_failed',
  ] as const
  const unseen = seen.filter((name) => !form.rows.has(name))
  if (unseen.length > 0) open.push(`not seen: ${unseen.join(', ')}. With which status and words?`)
  const word = form.isUpperCase ? 'code.toUpperCase()' : 'code'
  const stop = form.endsWithFullStop ? '.' : ''
  const isJson = form.contentType.startsWith('application/json')
  const contentType = isJson ? '' : `contentType: ${literal(form.contentType)},`
  const used = ['status', 'code', 'message'].filter(
    (name) => name === 'status' || new RegExp(`\\b${name}\\b(?!:)`).test(form.body),
  )
  const code = `${/\btitle\b(?!:)/.test(form.body) ? "import { STATUS_CODES } from 'node:http'\n" : ''}@imports@
const row = (status: number, code: string, message: string) => ({ status, code, message })

${marks(open)}export const errors: Record<ErrorCode, ReturnType<typeof row>> = {
  ...defaultErrors((status, code, message) => row(status, ${word}, ${stop ? `\`\${message}${stop}\`` : 'message'})),
  ${rows.join('')}
}

/** What goes over the wire. */
export function render({ ${used.map((name) => (name === 'message' ? 'message: usual' : name)).join(', ')} }: ReturnType<typeof row>, ${used.includes('message') ? 'error' : '_error'}: AuthError): WireError {
  ${used.includes('message') ? messageSource(stop) : ''}
  ${/\btitle\b(?!:)/.test(form.body) ? "const title = STATUS_CODES[status] ?? 'Error'" : ''}
  return { status, ${contentType} body: ${form.body} }
}
`
  const names = ['type AuthError', 'defaultErrors', 'type ErrorCode', 'unreadableReason', 'type WireError']
  return code.replace('@imports@', importOf(names, code, 'manydoors/dialect'))
}

/** A sentence about one field, or about a request that cannot be read, is better than that of the row. */
function messageSource(stop: string): string {
  return `const [issue] = error.details.issues ?? []
  const reason = unreadableReason(error)
  const message = issue?.message ?? (reason ? \`\${reason}${stop}\` : usual)`
}

function rowSource(form: ErrorForm, name: ErrorCode, row: Row): string {
  const { status, code } = row
  const message = toldByIssue.includes(name) ? 'The request is not valid.' : row.message
  const word = code || (form.isUpperCase ? name.toUpperCase() : name)
  const isTold = (code !== '' || form.codePath === undefined) && message !== ''
  const open = isTold
    ? []
    : [`${name} was seen with words that may be somebody's data, and are left out: which are they?`]
  return `${marks(open)}${name}: row(${status}, ${literal(word)}, ${literal(message || 'The request is refused.')}),\n`
}
