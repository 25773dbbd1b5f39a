import { contract } from '../../contract/contract.ts'
import { gotrue } from './adapter.ts'
import { withServiceKeys } from './service-keys.ts'

contract(gotrue, { yaml: withServiceKeys() })
