import { contract } from '../contract.ts'
import { pm2 } from './pm2-adapter.ts'

contract(pm2)
