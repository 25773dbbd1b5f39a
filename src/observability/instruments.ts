import type { Metric, Registry } from 'prom-client'

type Labels<Label extends string> = Record<Label, string>

interface Description<Label extends string> {
  name: string
  help: string
  labelNames: readonly Label[]
}

/** A value as prom-client writes it down and adds it up. */
interface Value {
  labels: Record<string, string | number>
  value: number
  metricName?: string
}

/**
 * A counter whose increments cost little more than an addition: prom-client checks and hashes the labels for each.
 * The labels must have few values. An increment by 0 creates the series, so that the first real one is seen as such.
 */
export function counter<Label extends string>(
  registry: Registry,
  description: Description<Label>,
): (labels: Labels<Label>, by?: number) => void {
  const children = childrenOf(description, () => ({ count: 0 }))
  register(registry, 'counter', description, () =>
    children.all().map(({ labels, child }) => ({ labels, value: child.count })),
  )
  return (labels, by = 1) => {
    children.of(labels).count += by
  }
}

/** A histogram as cheap as `counter`; `buckets` are upper bounds in seconds, in ascending order. */
export function histogram<Label extends string>(
  registry: Registry,
  { buckets, ...description }: Description<Label> & { buckets: readonly number[] },
): (labels: Labels<Label>, seconds: number) => void {
  const children = childrenOf(description, () => ({ counts: buckets.map(() => 0), count: 0, sum: 0 }))
  register(registry, 'histogram', description, () =>
    children.all().flatMap((each) => histogramValues(description.name, buckets, each)),
  )
  return (labels, seconds) => {
    const child = children.of(labels)
    child.count += 1
    child.sum += seconds
    const index = buckets.findIndex((bound) => seconds <= bound)
    if (index >= 0) child.counts[index] = (child.counts[index] ?? 0) + 1
  }
}

/** The seconds between two times in milliseconds. */
export function seconds({ startedAt, endedAt }: { startedAt: number; endedAt: number }): number {
  return (endedAt - startedAt) / 1000
}

function histogramValues(
  name: string,
  buckets: readonly number[],
  {
    labels,
    child,
  }: { labels: Record<string, string>; child: { counts: number[]; count: number; sum: number } },
): Value[] {
  let below = 0
  const bounded = buckets.map((le, index) => {
    below += child.counts[index] ?? 0
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: below }
  })
  return [
    ...bounded,
    { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: child.count },
    { metricName: `${name}_sum`, labels, value: child.sum },
    { metricName: `${name}_count`, labels, value: child.count },
  ]
}

function childrenOf<Label extends string, Child>({ labelNames }: Description<Label>, create: () => Child) {
  const children = new Map<string, { labels: Labels<Label>; child: Child }>()
  const of = (labels: Labels<Label>) => {
    let key = ''
    for (const name of labelNames) key += `${labels[name]}\n`
    const known = children.get(key)
    if (known) return known.child
    const child = create()
    children.set(key, { labels: { ...labels }, child })
    return child
  }
  // Without labels there is one series, from the beginning.
  if (labelNames.length === 0) of({} as Labels<Label>)
  return { of, all: () => [...children.values()] }
}

/** Registers what prom-client asks of a metric, which is no more than this. */
function register(
  registry: Registry,
  type: 'counter' | 'histogram',
  { name, help }: Description<string>,
  values: () => Value[],
): void {
  const metric = { name, help, type, aggregator: 'sum', get: async () => ({ ...metric, values: values() }) }
  registry.registerMetric(metric as unknown as Metric)
}
