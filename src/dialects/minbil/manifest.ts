import { z } from 'zod'
import { defineDoor, defineManifest, plainClient } from '../../config/dialect-manifest.ts'
import { doorSettings, rotationSetting } from '../../config/setting-types.ts'

/** As contracts/minbil.md has it. */
const door = defineDoor({ dialect: 'minbil' })

/** What operators may set. */
const settings = z.strictObject({
  ...doorSettings(door),
  ...rotationSetting(door, ['grace', 'untilConfirmed']),
})

const client = plainClient('minbil', 'Minbil')

/** contracts/minbil.md */
export const manifest = defineManifest({
  door,
  settings,
  prefixes: ['/api/co/auth'],
  clients: [client],
  demoClients: [
    {
      ...client,
      origins: ['https://platform.minbil.no', 'http://localhost:3000'],
      redirectUris: ['https://platform.minbil.no/reset-password', 'http://localhost:3000/reset-password'],
    },
  ],
})
