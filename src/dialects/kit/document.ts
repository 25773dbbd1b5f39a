/** What a door's OpenAPI document says. */

export type { Answer, DoorDescription, RouteDescription } from '../../http/openapi/description.ts'
export { thrownBy } from '../../http/openapi/thrown-by.ts'
export { instant, jwt, opaque } from '../../http/openapi/wire-types.ts'
