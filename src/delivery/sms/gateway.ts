import type { Transports } from '../message.ts'
import type { SmsGateway } from './presets.ts'

interface SmsSender {
  gateway: SmsGateway
  /** The global `fetch`. */
  network: typeof fetch
  /** Shorter than a job's lease, so that no second worker sends what the first still tries. */
  timeoutMs: number
}

/**
 * Sends text messages through an HTTP gateway. Throws when that does not accept one, an error without the message and
 * the credentials, since it is logged and kept with the job.
 */
export function createSmsSender({ gateway, network, timeoutMs }: SmsSender): Transports['sendSms'] {
  return async (sms) => {
    const { status, answer } = await post(gateway.bodyOf(sms))
    if (status < 200 || status > 299) throw gateway.errorOf(status, answer)
  }

  async function post(body: string): Promise<{ status: number; answer: string }> {
    const { url, headers } = gateway
    // A redirect is not followed: the message would go to whom the configuration does not name.
    const options: RequestInit = { method: 'POST', headers, body, redirect: 'manual' }
    try {
      const response = await network(url, { ...options, signal: AbortSignal.timeout(timeoutMs) })
      if (response.ok) await response.body?.cancel()
      return { status: response.status, answer: response.ok ? '' : await response.text() }
    } catch (error) {
      throw new Error(`the SMS gateway cannot be reached: ${reasonOf(error)}`, { cause: error })
    }
  }
}

/** The system's word for it. What `fetch` says itself may repeat what it was given. */
function reasonOf(error: unknown): string {
  const { name, cause } = error as Error
  if (name === 'TimeoutError') return 'no answer in time'
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? 'the connection failed'
}
