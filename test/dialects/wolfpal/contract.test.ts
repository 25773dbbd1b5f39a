import { contract } from '../../contract/contract.ts'
import { wolfpal } from './adapter.ts'

contract(wolfpal)
