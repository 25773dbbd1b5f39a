import assert from 'node:assert/strict'
import { dialects } from '../../src/dialects/registry.ts'
import type { DialectUnderTest } from '../contract/dialect-under-test.ts'

/** The adapter of every dialect, exported under its name by `NAME/adapter.ts`. */
export const adapters: DialectUnderTest[] = await Promise.all(
  dialects.map(async ({ door: { dialect: name } }) => {
    const adapter: DialectUnderTest | undefined = (await import(`./${name}/adapter.ts`))[name]
    assert.ok(adapter, `${name}/adapter.ts exports no ${name}`)
    return adapter
  }),
)
