import { readFileSync } from 'node:fs'
import type { Brand } from '../core/clients/client.ts'
import type { Asset } from './assets.ts'

const maxLogoBytes = 64 * 1024
const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex')
/** What a picture may not hold: scripts, documents of another kind, entities, and what is loaded from elsewhere. */
const unsafeSvg =
  /<script|<foreignObject|<!ENTITY|\son\w+\s*=|javascript:|href\s*=\s*["']\s*(?!#|data:image\/)/i

/** The files of brands: their logos, and a stylesheet for each pair of their colours. */
export interface BrandAssets {
  files: Asset[]
  /** What is wrong with logos, in words. */
  problems: string[]
  /** The names of the files of a brand, as far as it has some. */
  namesOf(brand: Brand): { logo?: string; accents?: string }
}

/** Reads the logos of brands, and writes their colours down. */
export function brandAssets(brands: Brand[]): BrandAssets {
  const logos = new Map<string, Asset>()
  const accents = new Map<string, Asset>()
  const problems: string[] = []
  for (const brand of brands) {
    if (brand.logo !== undefined && !logos.has(brand.logo)) {
      const { type, body, problem } = readLogo(brand.logo)
      if (problem !== undefined)
        problems.push(`${brand.logo} cannot be the logo of ${brand.name}: ${problem}`)
      const ending = type === 'image/png' ? 'png' : 'svg'
      logos.set(brand.logo, { name: `logo-${logos.size + 1}.${ending}`, type, body })
    }
    const key = accentsOf(brand)
    if (key !== undefined && !accents.has(key)) {
      const name = `accents-${accents.size + 1}.css`
      accents.set(key, { name, type: 'text/css; charset=utf-8', body: Buffer.from(key) })
    }
  }
  return {
    files: [...logos.values(), ...accents.values()],
    problems: [...new Set(problems)],
    namesOf: (brand) => ({
      logo: logos.get(brand.logo ?? '')?.name,
      accents: accents.get(accentsOf(brand) ?? '')?.name,
    }),
  }
}

/** The stylesheet of a brand's colours; the grounds of what is chosen are mixed of them, with the text's own colour on it. */
function accentsOf({ accent, accentDark }: Brand): string | undefined {
  if (accent === undefined && accentDark === undefined) return undefined
  const value = `light-dark(${accent ?? '#1f4fd8'}, ${accentDark ?? '#8fb0ff'})`
  return `:root{--accent:${value};--accent-ground:color-mix(in srgb,var(--accent) 12%,var(--card));--on-accent-ground:var(--text)}\n`
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
