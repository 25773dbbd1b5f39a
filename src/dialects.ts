import { credebl } from './dialects/credebl/index.ts'
import { minbil } from './dialects/minbil/index.ts'
import { pm2 } from './dialects/pm2/index.ts'
import { vastly } from './dialects/vastly/index.ts'
import { wolfpal } from './dialects/wolfpal/index.ts'
import type { Dialect } from './http/dialect.ts'

/** The doors that ship. */
export const dialects: Dialect[] = [minbil, credebl, wolfpal, vastly, pm2]
