import { z } from 'zod'
import { timelineOf } from '../../../core/accounts/timeline.ts'
import { optional } from '../../../http/fields.ts'
import { changes } from '../../../pages/account/event-texts.ts'
import { EventView, presentEventView } from '../audit/views.ts'
import { placeFields, placeOf } from '../list-fields.ts'
import { MessageView, presentMessageView } from '../messages/views.ts'
import { defineOperation, nextField } from '../operation.ts'
import { isoTime } from '../times.ts'
import { accountAt, accountField } from './account-field.ts'

export const timelineFilters = ['refused', 'changes'] as const

const filters = {
  refused: { outcome: 'refused' },
  changes: { outcome: 'success', events: changes },
} as const

export const timeline = defineOperation({
  name: 'accounts.timeline',
  summary: 'List what has happened to an account and what was sent to its owner, newest first',
  capability: 'accounts.read',
  at: 'realm',
  method: 'GET',
  path: '/accounts/:account/timeline',
  input: z.object({
    account: accountField,
    only: optional(z.enum(timelineFilters)),
    after: placeFields.after,
    most: placeFields.most,
  }),
  output: z.object({
    items: z.array(
      z.object({ at: z.string(), event: EventView.nullable(), message: MessageView.nullable() }),
    ),
    next: nextField,
  }),
  run: async (desk, { account: id, only, ...place }) => {
    const account = await accountAt(desk, id)
    const filter = only && filters[only]
    const { items, after } = await timelineOf(desk.ctx, account, { filter, ...placeOf(place) })
    return {
      items: items.map((item) => ({
        at: isoTime(item.at),
        event: 'event' in item ? presentEventView(item.event) : null,
        message: 'message' in item ? presentMessageView(item.message) : null,
      })),
      next: after ?? null,
    }
  },
})
