import type { DialectUnderTest } from '../contract/dialect-under-test.ts'
import { credebl } from './credebl-adapter.ts'
import { minbil } from './minbil-adapter.ts'
import { pm2 } from './pm2-adapter.ts'
import { vastly } from './vastly-adapter.ts'
import { wolfpal } from './wolfpal-adapter.ts'

/** Every dialect, for tests of what they owe one another. */
export const adapters: DialectUnderTest[] = [minbil, vastly, credebl, wolfpal, pm2]
