import { fuzzEveryRoute, fuzzOf } from './fuzz.ts'

fuzzEveryRoute(fuzzOf({ seed: 20_261_122, runs: 5 }))
