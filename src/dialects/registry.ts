import type { Dialect } from '../http/dialect.ts'
import { credebl } from './credebl/index.ts'
import { gotrue } from './gotrue/index.ts'
import { minbil } from './minbil/index.ts'
import { pm2 } from './pm2/index.ts'
import { vastly } from './vastly/index.ts'
import { wolfpal } from './wolfpal/index.ts'

/** The doors that ship; of two that have one beginning of paths in common, the one with the longer beginning is first. */
export const dialects: Dialect[] = [minbil, gotrue, credebl, wolfpal, vastly, pm2]
