import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout } from 'node:timers/promises'
import {
  type Attributes,
  type Context,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import type { TracerProvider } from '@opentelemetry/sdk-trace'
import pkg from '../../package.json' with { type: 'json' }
import type { TracesConfig } from '../config/sections/traces.ts'
import type { Log } from '../core/log.ts'
import type { DeliveryObserver, ObservedJob, SeenAttempt } from '../delivery/jobs/observed.ts'
import type { RequestScope } from '../http/observe.ts'
import type { SeenStatement } from '../store/observed.ts'
import type { Observers } from './observers.ts'
import { endRequestSpan } from './request-span.ts'
import { createTracerProvider } from './span-export.ts'
import { kindOfStatement } from './statements.ts'

export interface Tracing {
  /** Observers that keep spans, too. */
  extend(observers: Observers): Observers
  begin(headers: Record<string, string | string[] | undefined>): RequestScope
  /** Runs work that is of no request, even when a request sets it off. */
  outside<T>(work: () => T): T
  /** Names the trace that this belongs to, for a line of the log. */
  here(): { traceId: string } | undefined
  /** Sends what is left, and waits for that no longer than three seconds. */
  close(): Promise<void>
}

/** A request or a job. What comes when it is no longer open was not done for it. */
interface Scope {
  span: Span
  context: Context
  isOpen: boolean
  clock: SpanClock
}

/**
 * Makes epoch milliseconds of what `performance.now()` says, for a span and all below it alike. Left to itself, the
 * SDK looks at the clock for each of them, and one that is below another sticks out of it by up to a millisecond.
 */
type SpanClock = (time: number) => number

type Times = Pick<SeenAttempt | SeenStatement, 'startedAt' | 'endedAt' | 'error'>

const flushTimeoutMs = 3_000
const propagator = new W3CTraceContextPropagator()

/** Keeps a span of each request and each job, and below it those of what it waits for. `now` in epoch milliseconds. */
export function openTracing(
  config: TracesConfig,
  { engine, log, now }: { engine: string; log: Log; now: () => number },
): Tracing {
  const provider = createTracerProvider(config, pkg.version, log)
  const tracer = provider.getTracer('manydoors', pkg.version)
  const scopes = new AsyncLocalStorage<Scope | undefined>()

  const open = (start: (startTime: number) => Span): Scope => {
    const offset = now() - performance.now()
    const clock: SpanClock = (time) => time + offset
    const span = start(clock(performance.now()))
    return { span, context: trace.setSpan(ROOT_CONTEXT, span), isOpen: true, clock }
  }
  const runJob: DeliveryObserver['within'] = async (job, work) => {
    const scope = open((startTime) => startJob(tracer, job, startTime))
    try {
      return await scopes.run(scope, work)
    } catch (error) {
      fail(scope.span, error)
      throw error
    } finally {
      scope.isOpen = false
      scope.span.end(scope.clock(performance.now()))
    }
  }

  return {
    extend: (observers) => withSpans(observers, { tracer, engine, scopes, runJob }),
    begin: (headers) => {
      const cause = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter)
      const scope = open((startTime) =>
        tracer.startSpan('request', { kind: SpanKind.SERVER, startTime }, cause),
      )
      return {
        traceId: scope.span.spanContext().traceId,
        traceparent: traceparentOf(scope.context),
        run: (work) => scopes.run(scope, work),
        end: (seen) => {
          scope.isOpen = false
          endRequestSpan(scope.span, seen, scope.clock(seen.endedAt))
        },
      }
    },
    outside: (work) => scopes.run(undefined, work),
    here: () => {
      const scope = scopes.getStore()
      return scope?.isOpen ? { traceId: scope.span.spanContext().traceId } : undefined
    },
    close: () => flush(provider),
  }
}

interface SpanParts {
  tracer: Tracer
  engine: string
  scopes: AsyncLocalStorage<Scope | undefined>
  runJob: DeliveryObserver['within']
}

function withSpans(
  { hashing, database, delivery, ...others }: Observers,
  { tracer, engine, scopes, runJob }: SpanParts,
): Observers {
  const system = engine === 'postgres' ? 'postgresql' : 'sqlite'
  /** Keeps what has ended, where the sampler keeps what it was done for. */
  const keep = (name: string, times: Times, options?: SpanOptions) => {
    const scope = scopes.getStore()
    if (!scope?.isOpen || !scope.span.isRecording()) return
    const { clock, context } = scope
    const span = tracer.startSpan(name, { ...options, startTime: clock(times.startedAt) }, context)
    if (times.error !== undefined) fail(span, times.error)
    span.end(clock(times.endedAt))
  }
  const keepOutward = (name: string, times: Times, attributes: Attributes) =>
    keep(name, times, { kind: SpanKind.CLIENT, attributes })

  return {
    ...others,
    hashing: {
      ...hashing,
      ended: (operation, times) => {
        hashing.ended(operation, times)
        keep(`password ${operation}`, times)
      },
    },
    database: {
      ...database,
      statement: (seen) => {
        database.statement(seen)
        const operation = kindOfStatement(seen.sql).toUpperCase()
        const names = { 'db.system.name': system, 'db.operation.name': operation, 'db.query.text': seen.sql }
        keepOutward(operation, seen, names)
      },
    },
    delivery: {
      ...delivery,
      message: (channel, seen) => {
        delivery.message(channel, seen)
        keepOutward(`send ${channel}`, seen, { 'manydoors.outcome': seen.outcome })
      },
      within: runJob,
    },
  }
}

/** The error's kind alone: its message may repeat what it was given. */
function fail(span: Span, error: unknown): void {
  const { code } = error as { code?: unknown }
  const type = typeof code === 'string' ? code : error instanceof Error ? error.name : 'error'
  span.setAttribute('error.type', type)
  span.setStatus({ code: SpanStatusCode.ERROR })
}

/** A trace of its own, since it may run much later and again; its link leads to the request that caused it. */
function startJob(tracer: Tracer, { id, realm, kind, cause }: ObservedJob, startTime: number): Span {
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

async function flush(provider: TracerProvider): Promise<void> {
  const timer = new AbortController()
  const late = setTimeout(flushTimeoutMs, undefined, { signal: timer.signal }).catch(() => {})
  await Promise.race([provider.shutdown().catch(() => {}), late])
  timer.abort()
}
