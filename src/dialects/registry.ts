import type { Dialect } from '../http/dialect.ts'
import { credebl } from './credebl/index.ts'
import { minbil } from './minbil/index.ts'
import { pm2 } from './pm2/index.ts'
import { vastly } from './vastly/index.ts'
import { wolfpal } from './wolfpal/index.ts'

/** The doors that ship. */
export const dialects: Dialect[] = [minbil, credebl, wolfpal, vastly, pm2]
