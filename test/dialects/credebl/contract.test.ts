import { contract } from '../../contract/contract.ts'
import { credebl } from './adapter.ts'

contract(credebl)
