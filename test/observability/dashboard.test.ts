import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parse } from 'yaml'
import { noPostgres, startTestServer, type TestServer } from '../harness/harness.ts'
import { scrape } from './scrape.ts'

const root = join(import.meta.dirname, '..', '..')

interface Panel {
  id: number
  type: string
  title: string
  datasource?: { uid: string }
  gridPos: { x: number; y: number; w: number; h: number }
  targets?: { expr: string; datasource: { uid: string } }[]
}

interface Dashboard {
  title: string
  templating: { list: { name: string; type: string }[] }
  panels: Panel[]
}

interface Alerts {
  groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[]
}

describe('the dashboard and the alerts', { skip: noPostgres }, () => {
  const servers: TestServer[] = []
  const names = new Set<string>()
  let dashboard: Dashboard
  let alerts: Alerts
  let docs = ''
  before(async () => {
    // The two engines have metrics of their own.
    for (const engine of ['sqlite', 'postgres'] as const) {
      const server = await startTestServer(engine)
      servers.push(server)
      for (const name of (await scrape(server.url)).names) names.add(name)
    }
    dashboard = JSON.parse(await read('deploy/grafana-dashboard.json'))
    alerts = parse(await read('deploy/prometheus-alerts.yaml'))
    docs = await read('docs/observation.md')
  })
  after(async () => {
    for (const server of servers) await server.close()
  })

  const expressions = () => dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  const rules = () => alerts.groups.flatMap(({ rules }) => rules)
  const ours = () => [...names].filter((name) => name.startsWith('manydoors_'))

  it('ask for nothing that a server does not have', () => {
    assert.ok(expressions().length > 30 && rules().length > 8)
    for (const expression of [...expressions(), ...rules().map(({ expr }) => expr)]) {
      const asked = metricsIn(expression)
      assert.ok(asked.length > 0 || /^up\{/.test(expression), expression)
      for (const name of asked) assert.ok(names.has(name), `${name} in ${expression}`)
    }
  })

  it('show everything that is ours', () => {
    const shown = new Set(expressions().flatMap(metricsIn))
    assert.deepEqual(
      ours().filter((name) => !shown.has(name)),
      [],
    )
  })

  it('use labels that their metrics have', async () => {
    const text = (await Promise.all(servers.map(async ({ url }) => (await scrape(url)).text))).join('\n')
    assert.match(text, /manydoors_requests_total\{/)
    for (const expression of [...expressions(), ...rules().map(({ expr }) => expr)]) {
      for (const [, name = '', matchers = ''] of expression.matchAll(/((?:manydoors)_\w+)\{([^}]*)\}/g))
        for (const [, label = ''] of matchers.matchAll(/(\w+)=/g))
          assert.ok(
            label === 'instance' || isLabelOf(docs, baseOf(name), label),
            `${name} has no label ${label}`,
          )
    }
  })

  it('are written as Grafana and Prometheus read them', () => {
    assert.deepEqual(
      dashboard.templating.list.map(({ name, type }) => [name, type]),
      [
        ['datasource', 'datasource'],
        ['instance', 'query'],
      ],
    )
    const ids = dashboard.panels.map(({ id }) => id)
    assert.equal(new Set(ids).size, ids.length)
    for (const { type, title, datasource, gridPos, targets = [] } of dashboard.panels) {
      assert.ok(title && gridPos.x + gridPos.w <= 24, title)
      if (type === 'row') continue
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own
      const uid = '${datasource}'
      assert.deepEqual(
        [datasource?.uid, ...targets.map((target) => target.datasource.uid)],
        Array(targets.length + 1).fill(uid),
      )
    }
    for (const expression of [...expressions(), ...rules().map(({ expr }) => expr)]) {
      const count = (bracket: string) => expression.split(bracket).length
      for (const [open, close] of ['()', '{}', '[]'])
        assert.equal(count(open ?? ''), count(close ?? ''), expression)
    }
    const alertNames = rules().map(({ alert }) => alert)
    assert.equal(new Set(alertNames).size, alertNames.length)
    for (const { annotations } of rules()) assert.ok(annotations.summary)
  })

  it('are described with every metric, and none that is not there', () => {
    for (const name of metricsIn(docs)) assert.ok(names.has(name), `${name} in docs/observation.md`)
    assert.deepEqual(
      ours().filter((name) => !docs.includes(`\`${name}\``)),
      [],
    )
    for (const alert of rules().map(({ alert }) => alert)) assert.ok(docs.includes(`\`${alert}\``), alert)
  })
})

function read(path: string): Promise<string> {
  return readFile(join(root, path), 'utf8')
}

/** The metrics that a text names, histograms by what they are declared as. */
function metricsIn(text: string): string[] {
  return [...text.matchAll(/\b(?:manydoors|process|nodejs)_[a-z][a-z\d_]*\b/g)].map(([name]) => baseOf(name))
}

function baseOf(name: string): string {
  return name.replace(/_(bucket|count|sum)$/, '')
}

/** Whether the line that describes a metric names the label. */
function isLabelOf(docs: string, metric: string, label: string): boolean {
  const line = docs.split('\n').find((line) => line.startsWith(`| \`${metric}\` |`)) ?? ''
  return line.includes(`\`${label}\``)
}
