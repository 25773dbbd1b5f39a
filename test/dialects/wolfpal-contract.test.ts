import { contract } from '../contract.ts'
import { wolfpal } from './wolfpal-adapter.ts'

contract(wolfpal)
