// Ends with 0 when the server on this machine answers at /healthz; for images, which have no curl.
const port = process.env.PORT?.trim() || '5000'
const given = process.env.HOST?.trim() ?? ''
const host = ['', '0.0.0.0', '::'].includes(given) ? '127.0.0.1' : given
const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

try {
  const answer = await fetch(`http://${authority}/healthz`, { signal: AbortSignal.timeout(2500) })
  process.exitCode = answer.ok ? 0 : 1
} catch (error) {
  process.stderr.write(`${authority} does not answer: ${error.cause?.message ?? error.message}\n`)
  process.exitCode = 1
}
