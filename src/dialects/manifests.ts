import type { DialectManifest } from '../config/dialect-manifest.ts'
import { manifest as credebl } from './credebl/manifest.ts'
import { manifest as gotrue } from './gotrue/manifest.ts'
import { manifest as minbil } from './minbil/manifest.ts'
import { manifest as pm2 } from './pm2/manifest.ts'
import { manifest as vastly } from './vastly/manifest.ts'
import { manifest as wolfpal } from './wolfpal/manifest.ts'

/** The manifests of the doors that ship. */
export const manifests: DialectManifest[] = [minbil, gotrue, credebl, wolfpal, vastly, pm2]
