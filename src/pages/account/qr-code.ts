/** A QR code as SVG draws it: so many units wide and high, and the path of what is dark. */
export interface QrCode {
  size: number
  path: string
}

/** Draws a text as a QR code. */
export async function drawQrCode(text: string): Promise<QrCode> {
  // Loaded where it is asked for: few people set up an authenticator, and no process should wait for it to start.
  const { create } = await import('qrcode')
  const { size, data } = create(text, { errorCorrectionLevel: 'M' }).modules
  const dark = Array.from(data).flatMap((bit, index) =>
    bit ? `M${index % size} ${Math.floor(index / size)}h1v1h-1z` : [],
  )
  return { size, path: dark.join('') }
}
