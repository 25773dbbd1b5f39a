import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Attributes,
  type Context,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import pkg from '../../package.json' with { type: 'json' }
import type { TracesConfig } from '../config/sections/traces.ts'
import type { Log } from '../core/log.ts'
import type { ObservedJob, SeenAttempt } from '../delivery/jobs/observed.ts'
import type { RequestScope } from '../http/observe.ts'
import type { SeenStatement } from '../store/observed.ts'
import { noObservers, type Observers } from './observers.ts'
import { endRequestSpan } from './request-span.ts'
import { createTracerProvider } from './span-export.ts'
import { kindOfStatement } from './statements.ts'

export interface Tracing {
  observers: Observers
  begin(headers: Record<string, string | string[] | undefined>): RequestScope
  /** Runs work that is of no request, even when a request sets it off. */
  outside<T>(work: () => T): T
  /** Names the trace that this belongs to, for a line of the log. */
  here(): { traceId: string } | undefined
  /** Sends what is left, and waits for that no longer than three seconds. */
  close(): Promise<void>
}

/** What a span has, as long as it is open: what comes later was not done for it. */
interface Place {
  context: Context
  /** Whether the sampler keeps it, and so what is below it. */
  isKept: boolean
  isOpen: boolean
  clock: SpanClock
}

/**
 * Makes epoch milliseconds of what `performance.now()` says, for a span and all below it alike. Left to itself, the
 * SDK looks at the clock for each of them, and one that is below another sticks out of it by up to a millisecond.
 */
type SpanClock = (time: number) => number

function placeOf(span: Span, clock: SpanClock): Place {
  return { context: trace.setSpan(ROOT_CONTEXT, span), isKept: span.isRecording(), isOpen: true, clock }
}

/** In milliseconds. */
const longestFlush = 3_000
const propagator = new W3CTraceContextPropagator()

export interface TracingParts {
  engine: string
  log: Log
  /** Epoch milliseconds. */
  now: () => number
}

/** Keeps a span of each request and each job, and below it those of what it waits for. */
export function openTracing(config: TracesConfig, { engine, log, now }: TracingParts): Tracing {
  const provider = createTracerProvider(config, pkg.version, log)
  const tracer = provider.getTracer('manydoors', pkg.version)
  const places = new AsyncLocalStorage<Place | undefined>()

  const readClock = (): SpanClock => {
    const offset = now() - performance.now()
    return (time) => time + offset
  }
  const child = (name: string, attributes: Attributes, times: Times, kind = SpanKind.INTERNAL) => {
    const place = places.getStore()
    if (place?.isOpen && place.isKept) endedSpan(tracer, { name, attributes, kind, times, place })
  }
  const system = engine === 'postgres' ? 'postgresql' : 'sqlite'

  return {
    observers: {
      ...noObservers,
      hashing: {
        ...noObservers.hashing,
        ended: (operation, times) => child(`password ${operation}`, {}, times),
      },
      database: {
        ...noObservers.database,
        statement: (seen) =>
          child(statementName(seen), statementAttributes(system, seen), seen, SpanKind.CLIENT),
      },
      delivery: {
        job: () => {},
        givenUp: () => {},
        message: (channel, seen) =>
          child(`send ${channel}`, { 'manydoors.outcome': seen.outcome }, seen, SpanKind.CLIENT),
        within: async (job, work) => {
          const clock = readClock()
          const span = jobSpan(tracer, job, clock(performance.now()))
          const place = placeOf(span, clock)
          try {
            return await places.run(place, work)
          } catch (error) {
            fail(span, error)
            throw error
          } finally {
            place.isOpen = false
            span.end(clock(performance.now()))
          }
        },
      },
    },
    begin: (headers) => {
      const cause = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter)
      const clock = readClock()
      const startTime = clock(performance.now())
      const span = tracer.startSpan('request', { kind: SpanKind.SERVER, startTime }, cause)
      const place = placeOf(span, clock)
      return {
        traceId: span.spanContext().traceId,
        traceparent: traceparentOf(place.context),
        run: (work) => places.run(place, work),
        end: (seen) => {
          place.isOpen = false
          endRequestSpan(span, seen, clock(seen.endedAt))
        },
      }
    },
    outside: (work) => places.run(undefined, work),
    here: () => {
      const place = places.getStore()
      const span = place?.isOpen ? trace.getSpanContext(place.context) : undefined
      return span && { traceId: span.traceId }
    },
    close: () => withPatience(provider.shutdown()),
  }
}

type Times = Pick<SeenAttempt | SeenStatement, 'startedAt' | 'endedAt' | 'error'>

interface EndedSpan {
  name: string
  attributes: Attributes
  kind: SpanKind
  times: Times
  place: Place
}

function endedSpan(tracer: Tracer, { name, attributes, kind, times, place }: EndedSpan): void {
  const { clock, context } = place
  const span = tracer.startSpan(name, { kind, attributes, startTime: clock(times.startedAt) }, context)
  if (times.error !== undefined) fail(span, times.error)
  span.end(clock(times.endedAt))
}

/** The error's kind alone: its message may repeat what it was given. */
function fail(span: Span, error: unknown): void {
  const { code } = error as { code?: unknown }
  const type = typeof code === 'string' ? code : error instanceof Error ? error.name : 'error'
  span.setAttribute('error.type', type)
  span.setStatus({ code: SpanStatusCode.ERROR })
}

function statementName({ sql }: SeenStatement): string {
  return kindOfStatement(sql).toUpperCase()
}

function statementAttributes(system: string, { sql }: SeenStatement): Attributes {
  return {
    'db.system.name': system,
    'db.operation.name': kindOfStatement(sql).toUpperCase(),
    'db.query.text': sql,
  }
}

/** A trace of its own, since it may run much later and again; its link leads to the request that caused it. */
function jobSpan(tracer: Tracer, { id, realm, kind, cause }: ObservedJob, startTime: number): Span {
  const carrier = { traceparent: cause.traceparent }
  const causing = trace.getSpanContext(propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter))
  const attributes = { 'manydoors.job': id, 'manydoors.realm': realm, 'manydoors.job_kind': kind }
  const links = causing ? [{ context: causing }] : []
  const options = { kind: SpanKind.CONSUMER, attributes, links, startTime }
  return tracer.startSpan(`job ${kind}`, options, ROOT_CONTEXT)
}

function traceparentOf(context: Context): string {
  const carrier = { traceparent: '' }
  propagator.inject(context, carrier, {
    set: (carrier, key, value) => {
      if (key === 'traceparent') carrier.traceparent = value
    },
  })
  return carrier.traceparent
}

async function withPatience(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((giveUp) => {
    timer = setTimeout(giveUp, longestFlush)
  })
  await Promise.race([work.catch(() => {}), late])
  clearTimeout(timer)
}
