import { contract } from '../contract.ts'
import { minbil } from './minbil-adapter.ts'

contract(minbil)
