import type { FastifyRequest } from 'fastify'
import type { Log } from '../core/log.ts'
import { atOperatorDoor } from '../core/operators/operator-door.ts'
import type { Pages } from '../http/dialect.ts'
import type { App } from '../http/types.ts'
import { adminApi, isForApi } from './api/api.ts'
import { createProblemSender } from './api/failures.ts'
import { consolePages } from './console/console.ts'
import { createFailureSender } from './console/failures.ts'
import { openConsolePages } from './console/render.ts'
import type { Means } from './means.ts'

/** The console and the API of operators. */
export interface Admin extends Pages {
  mount(app: App): Promise<void>
}

interface AdminParts {
  means: Means
  log: Log
  /** Whether whoever sends a request may reach any of it. */
  isAllowed(request: FastifyRequest): boolean
}

/** Opens what operators use: its templates are read and its files packed now. */
export function openAdmin({ means, log, isAllowed }: AdminParts): Admin {
  const pages = openConsolePages()
  const toPeople = createFailureSender(log, pages.sendPage)
  const toPrograms = createProblemSender(log, means.url)
  const parts = { ...pages, means, ctx: atOperatorDoor(means.operators), sendFailure: toPeople, isAllowed }
  return {
    sendFailure: (thrown, request, reply) =>
      (isForApi(request) ? toPrograms : toPeople)(thrown, request, reply),
    mount: async (app) => {
      await consolePages(app, parts)
      await adminApi(app, { means, isAllowed, sendFailure: toPrograms })
    },
  }
}
