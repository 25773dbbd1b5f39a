import { contract } from '../../contract/contract.ts'
import { gotrue } from './adapter.ts'

contract(gotrue)
