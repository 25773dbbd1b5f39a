import { z } from 'zod'
import type { ListedMessage } from '../../../core/messages/list.ts'
import { isoTime, isoTimeOrNull } from '../times.ts'

export const messageStates = ['given-up', 'waiting', 'running', 'sent'] as const

/** A message, without what it says. */
export const MessageView = z.object({
  id: z.string(),
  kind: z.string(),
  notice: z.string().nullable().describe('Which notice it is, of a mail about the security of an account'),
  state: z.enum(messageStates),
  to: z.string().nullable().describe('The recipient, masked'),
  account: z.string().nullable(),
  attempts: z.number(),
  lastAnswer: z.string().nullable().describe('What the other side or the network has said last'),
  createdAt: z.string(),
  nextTryAt: z.string().nullable(),
  sentAt: z.string().nullable(),
  givenUpAt: z.string().nullable(),
})

export function presentMessageView(message: ListedMessage): z.input<typeof MessageView> {
  return {
    id: message.id,
    kind: message.kind,
    notice: message.notice ?? null,
    state: message.state,
    to: message.to ?? null,
    account: message.accountId ?? null,
    attempts: message.attempts,
    lastAnswer: message.lastError ?? null,
    createdAt: isoTime(message.createdAt),
    nextTryAt: isoTimeOrNull(message.nextTryAt),
    sentAt: isoTimeOrNull(message.sentAt),
    givenUpAt: isoTimeOrNull(message.givenUpAt),
  }
}
