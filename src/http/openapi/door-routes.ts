import fastify from 'fastify'
import { readBodies } from '../bodies.ts'
import type { Dialect, DoorPages } from '../dialect.ts'
import { collectRoutes, type ServedRoute } from '../served-routes.ts'
import type { App, ZodTypes } from '../types.ts'
import { validateRequests } from '../validation.ts'

/** Nobody asks these routes for anything. */
const nobody = async () => {
  throw new Error('these routes are only looked at')
}
const noPages: DoorPages = { sendFailure: nobody, sendMailedSignIn: nobody }

/**
 * The routes that a dialect declares, in their order, without those that come along with them: HEAD beside GET, preflights. A
 * star at the end of a path is the parameter `rest`, as OpenAPI has no other word for it.
 */
export async function routesOf(dialect: Dialect, settings: unknown): Promise<ServedRoute[]> {
  const app: App = fastify().withTypeProvider<ZodTypes>()
  const routes = collectRoutes(app)
  readBodies(app)
  validateRequests(app)
  await app.register(async (scope: App) => dialect.routes(scope, settings, noPages))
  await app.ready()
  await app.close()
  return routes()
    .filter(({ method }) => method !== 'HEAD')
    .map((route) => ({ ...route, path: route.path.replace(/\*$/, ':rest') }))
}
