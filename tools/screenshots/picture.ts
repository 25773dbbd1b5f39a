import type { Page } from 'playwright-core'

const maxBytes = 60 * 1024

/** What is seen of a page without scrolling, as WebP of at most 60 KiB. Throws where that is too little. */
export async function takePicture(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page)
  try {
    for (const quality of [85, 70, 50]) {
      // Playwright's own knows no WebP.
      const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality })
      const picture = Buffer.from(data, 'base64')
      if (picture.length <= maxBytes) return picture
    }
  } finally {
    await session.detach()
  }
  throw new Error(`${page.url()} does not fit into ${maxBytes} bytes`)
}
