import { type Span, SpanStatusCode } from '@opentelemetry/api'
import type { RequestRecord } from '../http/observe.ts'

/**
 * Names a request's span as OpenTelemetry's conventions have it (HTTP spans, 1.23). The path is left out, since
 * some of them carry a secret, and so is everything that tells who sent it. `endTime` in epoch milliseconds.
 */
export function endRequestSpan(span: Span, seen: RequestRecord, endTime: number): void {
  const { id, method, route, status, outcome, realm, dialect } = seen
  span.updateName(route === undefined ? method : `${method} ${route}`)
  span.setAttributes({
    'http.request.method': method,
    'http.response.status_code': status,
    'manydoors.outcome': outcome,
    'manydoors.request_id': id,
    ...(route !== undefined && { 'http.route': route }),
    ...(realm !== undefined && { 'manydoors.realm': realm }),
    ...(dialect !== undefined && { 'manydoors.dialect': dialect }),
  })
  if (status >= 500) {
    span.setAttribute('error.type', outcome)
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.end(endTime)
}
