import { readFileSync } from 'node:fs'
import type { Brand } from '../core/clients/client.ts'
import type { Asset } from './assets.ts'

const maxLogoBytes = 64 * 1024
const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex')
/** What a picture may not hold: scripts, documents of another kind, entities, and what is loaded from elsewhere. */
const unsafeSvg =
  /<script|<foreignObject|<!ENTITY|\son\w+\s*=|javascript:|href\s*=\s*["']\s*(?!#|data:image\/)/i

/** The files of brands that there are from the start: their logos. */
export interface BrandAssets {
  files: Asset[]
  /** What is wrong with logos, in words. */
  problems: string[]
  /** The name of the file of a brand's logo, if it has one. */
  logoOf(brand: Brand): string | undefined
}

/** Reads the logos of brands. */
export function brandAssets(brands: Brand[]): BrandAssets {
  const logos = new Map<string, Asset>()
  const problems: string[] = []
  for (const brand of brands) {
    if (brand.logo !== undefined && !logos.has(brand.logo)) {
      const { type, body, problem } = readLogo(brand.logo)
      if (problem !== undefined)
        problems.push(`${brand.logo} cannot be the logo of ${brand.name}: ${problem}`)
      const ending = type === 'image/png' ? 'png' : 'svg'
      logos.set(brand.logo, { name: `logo-${logos.size + 1}.${ending}`, type, body })
    }
  }
  return {
    files: [...logos.values()],
    problems: [...new Set(problems)],
    logoOf: (brand) => logos.get(brand.logo ?? '')?.name,
  }
}

/** The name of the stylesheet of a brand's colours, which says all that is in it; `undefined` where it has none. */
export function accentsName({ accent, accentDark }: Brand): string | undefined {
  if (accent === undefined && accentDark === undefined) return undefined
  const [light, dark] = [accent ?? '#1f4fd8', accentDark ?? '#8fb0ff']
  return `accents-${light.slice(1)}-${dark.slice(1)}.css`.toLowerCase()
}

/**
 * The stylesheet of that name, made anew each time: operators may change colours while servers run, and any node may be
 * asked for those that another one has put into a page. The grounds of what is chosen are mixed of them.
 */
export function accentsFile(name: string): Asset | undefined {
  const [, light, dark] = /^accents-([\da-f]{6})-([\da-f]{6})\.css$/.exec(name) ?? []
  if (light === undefined || dark === undefined) return undefined
  const value = `light-dark(#${light}, #${dark})`
  const text = `:root{--accent:${value};--accent-ground:color-mix(in srgb,var(--accent) 12%,var(--card));--on-accent-ground:var(--text)}\n`
  return { name, type: 'text/css; charset=utf-8', body: Buffer.from(text) }
}

function readLogo(path: string): Pick<Asset, 'type' | 'body'> & { problem?: string } {
  const none = { type: 'image/svg+xml', body: Buffer.alloc(0) }
  let body: Buffer
  try {
    body = readFileSync(path)
  } catch (error) {
    return { ...none, problem: error instanceof Error ? error.message : 'it cannot be read' }
  }
  if (body.length > maxLogoBytes) return { ...none, problem: 'it is larger than 64 KB' }
  if (body.subarray(0, pngSignature.length).equals(pngSignature)) return { type: 'image/png', body }
  const svg = body.toString()
  if (!/<svg[\s>]/i.test(svg)) return { ...none, problem: 'it is neither SVG nor PNG' }
  if (unsafeSvg.test(svg)) return { ...none, problem: 'it holds a script, or loads something' }
  return { type: 'image/svg+xml', body }
}
