import type { DoorDescription, RouteDescription } from '../../http/openapi/description.ts'

/** How requests say whose they are. */
export const securitySchemes: NonNullable<DoorDescription['securitySchemes']> = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The access token' },
  serviceKey: {
    type: 'http',
    scheme: 'bearer',
    description: 'A service key of the door, never from a browser',
  },
  apikey: {
    type: 'apiKey',
    in: 'header',
    name: 'apikey',
    description:
      'The publishable key: the id of a client. The default one is meant where it is missing or not known',
  },
}

type Ways = NonNullable<RouteDescription['security']>

export const byEverybody: Ways = [{ apikey: [] }, {}]
export const byCallers: Ways = [{ bearer: [], apikey: [] }, { bearer: [] }]
export const byBackEnds: Ways = [{ serviceKey: [], apikey: [] }, { serviceKey: [] }]
