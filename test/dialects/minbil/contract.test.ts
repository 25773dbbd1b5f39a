import { contract } from '../../contract/contract.ts'
import { minbil } from './adapter.ts'

contract(minbil)
