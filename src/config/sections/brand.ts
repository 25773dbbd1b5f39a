import { z } from 'zod'
import { contrastOf } from '../../lib/contrast.ts'
import { section, text } from '../setting-types.ts'
import { hasNoUser, webAddress } from '../web-addresses.ts'

const minContrast = 4.5

/** What stands on an accent, and what an accent stands on: the tokens of `style.css`. */
const grounds = {
  light: { 'the text of buttons': '#ffffff', 'a card': '#ffffff', 'the page': '#f5f6f8' },
  dark: { 'the text of buttons': '#10141a', 'a card': '#181c22', 'the page': '#0f1216' },
}

/** A colour that can be read in its scheme, both as a ground and as a text. */
function accent(scheme: 'light' | 'dark') {
  return z
    .string('must be a colour such as #1f4fd8')
    .regex(/^#[\da-f]{6}$/i, { error: 'must be a colour such as #1f4fd8', abort: true })
    .superRefine((colour, { addIssue }) => {
      const [worst] = Object.entries(grounds[scheme])
        .map(([name, ground]) => ({ name, ground, ratio: contrastOf(colour, ground) }))
        .sort((a, b) => a.ratio - b.ratio)
      if (!worst || worst.ratio >= minContrast) return
      // Rounded down: what is shown must not look as if it were enough.
      const ratio = (Math.floor(worst.ratio * 100) / 100).toFixed(2)
      const message = `cannot be read: its contrast with ${worst.name} (${worst.ground}) is ${ratio}, and must be at least ${minContrast}`
      addIssue({ code: 'custom', message })
    })
    .optional()
}

/** How a realm or a client is presented. */
export const brand = z
  .strictObject(
    {
      name: text
        .max(64, 'must be at most 64 characters')
        .regex(/^[^\p{Cc}]*$/u, 'must be one line')
        .optional()
        .describe('What mails and pages call it'),
      logo: text
        .optional()
        .describe('A file with its picture for pages, SVG or PNG, at most 64 KB; else its first letter'),
      logoUrl: z
        .url({
          protocol: /^https$/,
          error: 'must be a URL such as https://example.com/logo.png',
          normalize: true,
          abort: true,
        })
        .refine(hasNoUser, 'must have no user name and no password')
        .optional()
        .describe('A picture for mails'),
      accent: accent('light').describe('The colour of buttons and links, such as #1f4fd8'),
      accentDark: accent('dark').describe('The same where people prefer dark pages, such as #8fb0ff'),
      helpUrl: webAddress.optional().describe('Where people are helped; pages link to it'),
      privacyUrl: webAddress.optional().describe('Its privacy notice; pages link to it'),
      termsUrl: webAddress.optional().describe('Its terms of use; pages link to them'),
    },
    section,
  )
  .nullish()

export type BrandSection = z.output<typeof brand>
