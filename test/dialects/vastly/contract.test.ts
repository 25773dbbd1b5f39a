import { contract } from '../../contract/contract.ts'
import { vastly } from './adapter.ts'

contract(vastly)
