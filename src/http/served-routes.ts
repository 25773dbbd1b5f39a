import type { RouteOptions } from 'fastify'
import type { App } from './types.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whose route it is; nobody's but ours where it is not set. */
    dialect?: string
  }
}

/** A route as it was declared, for each of its methods. */
export interface ServedRoute {
  method: string
  /** With `:name` where a parameter belongs. */
  path: string
  /** Whose it is; nobody's but ours where it is not set. */
  dialect: string | undefined
  /** What is read of a request, as zod schemas. */
  schema: { params?: unknown; querystring?: unknown; body?: unknown }
}

/** Collects every route that is declared from here on; what it returns lists them. */
export function collectRoutes(app: App): () => ServedRoute[] {
  const declared: RouteOptions[] = []
  app.addHook('onRoute', (route) => void declared.push(route))
  return () =>
    declared.flatMap(({ method, url, config, schema = {} }) => {
      const { params, querystring, body } = schema
      const route = { path: url, dialect: config?.dialect, schema: { params, querystring, body } }
      return [method].flat().map((method) => ({ ...route, method }))
    })
}
