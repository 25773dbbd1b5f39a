import type { Page } from 'playwright-core'

/** Runs in the browser, on text as it is: there are no types of a document here. */
const measure = `(() => {
  const name = (element) => element.tagName + ' ' + (element.textContent.trim() || element.name || '').slice(0, 30)
  const isSeen = (element) => {
    const { width, height, right } = element.getBoundingClientRect()
    return width > 0 && height > 0 && right > 0
  }
  /** A link among words is held to nothing: its line would be. */
  const isInSentence = (element) =>
    element.tagName === 'A' && [...element.parentElement.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
  /** A box and its text are one target, and so is a row with the link that is laid over it. */
  const targetOf = (element) =>
    (/^(checkbox|radio)$/.test(element.type) && element.closest('label')) ||
    (getComputedStyle(element, '::after').position === 'absolute' && element.closest('tr')) ||
    element
  const controls = [...document.querySelectorAll('button, select, input:not([type=hidden]), textarea, summary, a[href]')]
  return {
    sideways: document.documentElement.scrollWidth - innerWidth,
    small: controls
      .filter((element) => isSeen(element) && !isInSentence(element))
      .map(targetOf)
      .filter((element) => element.getBoundingClientRect().height < 43.5 || element.getBoundingClientRect().width < 24)
      .map(name),
    zoomed: controls
      .filter((element) => /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName) && !/^(checkbox|radio)$/.test(element.type))
      .filter(isSeen)
      .filter((element) => parseFloat(getComputedStyle(element).fontSize) < 16)
      .map(name),
  }
})()`

/** What is wrong with how a page is laid out. */
export interface Layout {
  /** CSS pixels that it is wider than the window. */
  sideways: number
  /** Controls that are lower than 44 px, but for links in sentences. */
  small: string[]
  /** Fields that phones zoom into, as their text is smaller than 16 px. */
  zoomed: string[]
}

/** Measures a page in its window. */
export function measureLayout(page: Page): Promise<Layout> {
  return page.evaluate<Layout>(measure)
}

/** How a page is that fits. */
export const fits: Layout = { sideways: 0, small: [], zoomed: [] }
