import type { EnrolledFactor } from '../../core/factors/enrol.ts'
import type { Factor } from '../../core/factors/held.ts'

/** The factor of contracts/gotrue.md. */
export function presentFactor({ id, name, createdAt, confirmedAt, challengedAt }: Factor) {
  return {
    id,
    ...(name !== '' && { friendly_name: name }),
    factor_type: 'totp',
    status: confirmedAt === null ? 'unverified' : 'verified',
    created_at: new Date(createdAt).toISOString(),
    updated_at: new Date(confirmedAt ?? createdAt).toISOString(),
    phone: '',
    last_challenged_at: challengedAt === null ? null : new Date(challengedAt).toISOString(),
  }
}

/** What is shown once of an authenticator that was begun. */
export async function presentEnrolled({ id, secret, uri }: EnrolledFactor, name: string) {
  return { id, type: 'totp', friendly_name: name, totp: { qr_code: await drawQrCode(uri), secret, uri } }
}

/** A QR code as SVG. Clients put it into a `data:` URL as it is, so colours have names and there is one line. */
async function drawQrCode(text: string): Promise<string> {
  const { toString: draw } = await import('qrcode')
  const svg = await draw(text, { type: 'svg', width: 240 })
  return svg.replaceAll('#ffffff', 'white').replaceAll('#000000', 'black').replaceAll('\n', '')
}
