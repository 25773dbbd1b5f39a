import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Brings axe-core into a page, to be examined with it. */
export function loadAxe(page: Page): Promise<unknown> {
  return page.evaluate(source)
}

/** What axe-core finds wrong by all of its rules, best practices included; and how many rules are kept. */
export function examine(
  page: Page,
): Promise<{ violations: { rule: string; elements: string[] }[]; passes: number }> {
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } }
    const { violations, passes } = await axe.run()
    return {
      violations: violations.map(({ id, nodes }) => ({ rule: id, elements: nodes.map(({ html }) => html) })),
      passes: passes.length,
    }
  })
}
