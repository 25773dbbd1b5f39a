import { contract } from '../contract.ts'
import { credebl } from './credebl-adapter.ts'

contract(credebl)
