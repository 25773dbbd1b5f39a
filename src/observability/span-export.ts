import { ExportResultCode } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { TracesConfig } from '../config/sections/traces.ts'
import type { Log } from '../core/log.ts'

/** Sends spans to the collector. Those that it does not take are dropped, which is logged once until it does again. */
export function createTracerProvider(config: TracesConfig, version: string, log: Log): TracerProvider {
  const { url, headers, resource, delayMs, timeoutMs } = config
  const exporter = withComplaint(new OTLPTraceExporter({ url, headers, timeoutMillis: timeoutMs }), (error) =>
    log.warn({ err: error, collector: new URL(url).host }, 'traces cannot be sent and are dropped'),
  )
  return new TracerProvider({
    sampler: samplerOf(config),
    resource: defaultResource().merge(resourceFromAttributes({ 'service.version': version, ...resource })),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: delayMs })],
    // Longer texts than ours were chosen by somebody else.
    spanLimits: { attributeValueLengthLimit: 4096 },
  })
}

function samplerOf({ sampler, ratio }: TracesConfig): Sampler {
  const root = rootSampler(sampler.replace('parentbased_', ''), ratio)
  return sampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root
}

function rootSampler(name: string, ratio: number): Sampler {
  if (name === 'always_off') return new AlwaysOffSampler()
  return name === 'traceidratio' ? new TraceIdRatioBasedSampler(ratio) : new AlwaysOnSampler()
}

function withComplaint(exporter: SpanExporter, complain: (error: unknown) => void): SpanExporter {
  let hasFailed = false
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const isFailure = result.code !== ExportResultCode.SUCCESS
        if (isFailure && !hasFailed) complain(result.error)
        hasFailed = isFailure
        done(result)
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  }
}
