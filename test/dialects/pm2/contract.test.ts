import { contract } from '../../contract/contract.ts'
import { pm2 } from './adapter.ts'

contract(pm2)
