import assert from 'node:assert/strict'
import { it } from 'node:test'
import { eventually } from '../harness/events.ts'
import { onEveryEngine, useServer } from '../harness/harness.ts'
import { operatorOf } from './operator.ts'

onEveryEngine('the health in the console', (engine) => {
  const server = useServer(engine)

  it('is what can be read at once, and what the checks find when they are asked for', async () => {
    const { browser } = await operatorOf(server, 'auditor')
    const page = await browser.open('/admin/health')
    assert.equal(page.status, 200, page.text)
    assert.match(
      page.text,
      new RegExp(
        `${engine === 'sqlite' ? 'SQLite' : 'PostgreSQL'} \\d+\\.\\d+[^<]*, [\\d.,]+ MiB, [\\d.,]+ ms`,
      ),
    )
    assert.match(page.text, /0 waiting, 0 given up; the oldest is due for 0 s/)
    assert.match(page.text, /Manydoors \d+\.\d+\.\d+[^<]*, Node 24/)
    assert.match(page.text, /Not checked since this process started\./)
    const begun = await browser.submit(page, {}, '/admin/health/checks')
    assert.equal(begun.status, 200)
    const checked = await eventually('the end of the checks', async () => {
      const page = await browser.open('/admin/health')
      return /hx-trigger/.test(page.text) ? undefined : page
    })
    for (const check of ['configuration', 'schema', 'clock', 'jobs', 'node'])
      assert.match(checked.text, new RegExp(`<th scope="row"[^>]*>${check}</th>`))
    assert.match(checked.text, /Checked <time/)
    // It takes all cores.
    assert.doesNotMatch(checked.text, /passwords a second/)
  })
})
