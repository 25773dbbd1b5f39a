import { effective } from './effective.ts'
import { ofRealm, ofServer } from './settable.ts'

/** What operators see of the configuration, and what they set. */
export const settingOperations = [effective, ...Object.values(ofServer), ...Object.values(ofRealm)]
