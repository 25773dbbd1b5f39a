import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigError } from '../../src/config/config.ts'
import { openAllTemplates } from '../../src/server/open-templates.ts'
import { settingsIn, useFolder } from './settings-file.ts'

describe('a brand', () => {
  const folder = useFolder()
  const { read, problems } = settingsIn(folder)
  const brandIs = (brand: string) => `realms: { main: { brand: { name: Example, ${brand} } } }`

  it('is refused in a colour that cannot be read, with its contrast', async () => {
    assert.deepEqual(await problems(brandIs('accent: "#3b82f6", accentDark: "#3b5bdb"')), [
      'realms.main.brand.accent cannot be read: its contrast with the page (#f5f6f8) is 3.40, and must be at least 4.5 (FILE:1)',
      'realms.main.brand.accentDark cannot be read: its contrast with a card (#181c22) is 3.01, and must be at least 4.5 (FILE:1)',
    ])
    assert.deepEqual(await problems(brandIs('accent: blue, accentDark: "#fff"')), [
      'realms.main.brand.accent must be a colour such as #1f4fd8 (FILE:1)',
      'realms.main.brand.accentDark must be a colour such as #1f4fd8 (FILE:1)',
    ])
  })

  it('takes our own colours, and addresses of the web alone', async () => {
    const { realms } = await read(
      brandIs('accent: "#1F4FD8", accentDark: "#8fb0ff", helpUrl: https://example.com/'),
    )
    assert.equal(realms[0]?.brand?.accent, '#1F4FD8')
    assert.equal(realms[0]?.brand?.helpUrl, 'https://example.com')
    assert.deepEqual(await problems(brandIs('termsUrl: "javascript:alert(1)"')), [
      'realms.main.brand.termsUrl must be a URL such as https://app.example.com (FILE:1)',
    ])
  })

  it('is that of its client, and what that does not say is as the realm says', async () => {
    const { realms } = await read(`
realms:
  main:
    brand: { name: Example, accent: "#0b6438", privacyUrl: https://example.com/privacy }
    dialects: { minbil: { clients: [{ brand: { name: Cars, accent: "#a3122a" } }] } }
`)
    const [client] = realms[0]?.clients ?? []
    assert.deepEqual(client?.brand, {
      name: 'Cars',
      accent: '#a3122a',
      privacyUrl: 'https://example.com/privacy',
    })
  })

  it('is refused with a logo that is not there, too large, no picture, or holds a script', async () => {
    const svg = (inside: string) => `<svg xmlns="http://www.w3.org/2000/svg">${inside}</svg>`
    const refused: [logo: string, problem: RegExp][] = [
      [`${folder.path}/none.svg`, /ENOENT/],
      [await folder.write(svg(' '.repeat(65 * 1024))), /larger than 64 KB/],
      [await folder.write('GIF89a'), /neither SVG nor PNG/],
      ...(await Promise.all(
        [
          '<script>alert(1)</script>',
          '<g onload="alert(1)"/>',
          '<a href="javascript:alert(1)"/>',
          '<image href="https://example.com/x.png"/>',
          '<foreignObject/>',
        ].map(
          async (inside): Promise<[string, RegExp]> => [
            await folder.write(svg(inside)),
            /holds a script, or loads something/,
          ],
        ),
      )),
    ]
    for (const [logo, problem] of refused) {
      const config = await read(brandIs(`logo: "${logo}"`))
      await assert.rejects(openAllTemplates(config), (error) => {
        assert.ok(error instanceof ConfigError)
        assert.equal(error.problems.length, 1)
        assert.match(error.problems[0] ?? '', problem)
        return true
      })
    }
    const good = await folder.write(svg('<path d="M0 0h9v9z"/>'))
    await openAllTemplates(await read(brandIs(`logo: "${good}"`)))
  })
})
