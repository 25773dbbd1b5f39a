import { z } from 'zod'
import { dropMessage, sendAgain, sendAllAgain, showRecipient } from '../../../core/messages/again.ts'
import { listMessages } from '../../../core/messages/list.ts'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import { optional } from '../../../http/fields.ts'
import { optionalText, pageOf, placeFields, placeOf, presentPage } from '../list-fields.ts'
import { defineOperation, nothing, reasonField } from '../operation.ts'
import { MessageView, messageStates, presentMessageView } from './views.ts'

const message = z.guid()
const kind = optionalText(100)

export const list = defineOperation({
  name: 'messages.list',
  summary: 'List messages in a state, without what they say',
  capability: 'messages.read',
  at: 'realm',
  method: 'GET',
  path: '/messages',
  input: z.object({ state: optional(z.enum(messageStates)), kind, ...placeFields }),
  output: pageOf(MessageView),
  run: async ({ ctx }, { state = 'given-up', kind, ...place }) =>
    presentPage(await listMessages(ctx, { state, kind, ...placeOf(place) }), presentMessageView),
})

export const again = defineOperation({
  name: 'messages.send_again',
  summary: 'Send a message again that was given up',
  capability: 'messages.replay',
  at: 'realm',
  method: 'POST',
  path: '/messages/:message/send-again',
  input: z.object({ message }),
  output: nothing,
  run: async ({ ctx }, { message }) => {
    if (!(await sendAgain(ctx, message))) throw new OperatorError('conflict')
    return {}
  },
})

export const allAgain = defineOperation({
  name: 'messages.send_all_again',
  summary: 'Send every message again that was given up, of one kind or of all',
  capability: 'messages.replay',
  at: 'realm',
  method: 'POST',
  path: '/messages/send-again',
  input: z.object({ kind }),
  output: z.object({ count: z.number() }),
  run: async ({ ctx }, { kind }) => ({ count: await sendAllAgain(ctx, kind) }),
})

export const drop = defineOperation({
  name: 'messages.drop',
  summary: 'Drop a message that waits or was given up',
  capability: 'messages.drop',
  at: 'realm',
  method: 'POST',
  path: '/messages/:message/drop',
  isDangerous: true,
  input: z.object({ message, reason: reasonField }),
  output: nothing,
  run: async ({ ctx }, { message }) => {
    if (!(await dropMessage(ctx, message))) throw new OperatorError('conflict')
    return {}
  },
})

export const reveal = defineOperation({
  name: 'messages.reveal',
  summary: 'Show the recipient of a message in full, which the audit trail notes',
  capability: 'messages.reveal',
  at: 'realm',
  method: 'POST',
  path: '/messages/:message/recipient',
  input: z.object({ message }),
  output: z.object({ to: z.string() }),
  run: async ({ ctx }, { message }) => {
    const to = await showRecipient(ctx, message)
    if (to === undefined) throw new OperatorError('not_found')
    return { to }
  },
})

/** What can be seen of messages and done to them. */
export const messageOperations = [list, again, allAgain, drop, reveal]
