import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'

/** What is reached by a keyboard, in reading order, each numbered; and what only a script may show. */
const number = `(() => {
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0
  // Of radio buttons that belong together Tab reaches one.
  const stopOf = ({ name }) => document.querySelector(\`[type=radio][name="\${name}"]:checked\`) ?? document.querySelector(\`[type=radio][name="\${name}"]\`)
  const isStop = (element) => isSeen(element) && (element.type !== 'radio' || element === stopOf(element))
  const controls = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')].filter(isStop)
  controls.forEach((element, index) => element.setAttribute('data-number', index))
  const posts = [...document.forms].filter(isSeen)
  posts.forEach((form, index) => form.setAttribute('data-form', index))
  return {
    controls: controls.map((element) => element.outerHTML),
    forms: posts.map((form) => form.outerHTML),
    scripted: [...document.querySelectorAll('[data-passkey], [data-shows], [data-copies]')].filter(isSeen).length,
  }
})()`

interface Numbered {
  controls: string[]
  forms: string[]
  scripted: number
}

/** What has the focus. */
const readFocus = `(() => {
  const { tagName, type, value, form, dataset } = document.activeElement ?? document.body
  return {
    number: dataset.number === undefined ? undefined : Number(dataset.number),
    tag: tagName,
    type,
    isEmpty: !value,
    form: form?.dataset.form === undefined ? undefined : Number(form.dataset.form),
    action: form?.getAttribute('action'),
  }
})()`

interface Focus {
  number: number | undefined
  tag: string
  type: string | undefined
  isEmpty: boolean
  form: number | undefined
  action: string | undefined
}

/** What is typed into fields by their types. */
const typed: Partial<Record<string, string>> = {
  email: 'ada@example.com',
  password: 'plenty of unlikely words',
  text: 'abcdef',
  tel: '+4791234567',
  search: 'ada',
  textarea: 'abcdef',
  url: 'https://example.com/a',
}

/** Goes through a page once by Tab, fills in each field and presses each button; what was reached, and which forms were sent. */
async function goThrough(page: Page, { controls }: Numbered) {
  const reached: number[] = []
  const sent = new Set<number>()
  // The focus may begin in the middle, and leaves the page once before it is at the top.
  for (let presses = 0; presses < 2 * controls.length + 4 && reached.length < controls.length; presses++) {
    // A field that is to be filled in first has the focus already.
    if (presses > 0) await page.keyboard.press('Tab')
    const focus = await page.evaluate<Focus>(readFocus)
    if (focus.number === undefined || reached.includes(focus.number)) continue
    reached.push(focus.number)
    if (focus.tag === 'INPUT' && /^(checkbox|radio)$/.test(focus.type ?? ''))
      await page.keyboard.press('Space')
    else if ((focus.tag === 'INPUT' || focus.tag === 'TEXTAREA') && focus.isEmpty)
      await page.keyboard.type(typed[focus.type ?? ''] ?? '')
    if (focus.type !== 'submit' || focus.form === undefined) continue
    const request = page.waitForRequest((request) => request.isNavigationRequest(), { timeout: 4_000 })
    // The button is pressed by either key.
    await page.keyboard.press(sent.size % 2 === 0 ? 'Enter' : 'Space')
    const submitted = await request
    assert.equal(new URL(submitted.url()).pathname, focus.action?.split('?', 1)[0])
    // Else the server may still get it.
    await submitted.response()
    sent.add(focus.form)
  }
  return { reached, sent }
}

/** That they are in reading order, wherever it began. */
function assertInOrder(reached: number[]): void {
  const first = reached.indexOf(0)
  assert.deepEqual(
    [...reached.slice(first), ...reached.slice(0, first)],
    reached.map((_, index) => index),
  )
}

/**
 * That with a keyboard alone everything on a page without scripts is reached in reading order, that each of its forms is
 * sent, and that nothing is seen that needs a script. The forms get no answer, so that the page stays.
 */
export async function assertAllByKeyboard(page: Page): Promise<void> {
  await page.route('**', (route) =>
    route.request().isNavigationRequest() ? route.fulfill({ status: 204 }) : route.continue(),
  )
  try {
    const numbered = await page.evaluate<Numbered>(number)
    const { reached, sent } = await goThrough(page, numbered)
    const missed = numbered.controls.filter((_, index) => !reached.includes(index))
    assert.deepEqual(missed, [])
    assertInOrder(reached)
    const unsent = numbered.forms.filter((_, index) => !sent.has(index))
    assert.deepEqual(unsent, [])
    assert.equal(numbered.scripted, 0, 'what needs a script is hidden')
  } finally {
    await page.unroute('**')
  }
}
