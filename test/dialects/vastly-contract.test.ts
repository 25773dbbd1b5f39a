import { contract } from '../contract.ts'
import { vastly } from './vastly-adapter.ts'

contract(vastly)
