// What has to come out of a world.
import type { Verdict } from './claims.ts'

export type ExpectedPoint = {
  measurement: 'workflow_invocation' | 'workflow_invocation_rejected'
  /** The part below a second is the program's own affair, as long as it keeps to it. */
  second: number
  tags: Record<string, string>
  fields: Record<string, number | string | boolean>
  /** Where in the log it comes from. */
  line: number
}

export type Counters = Record<
  'lines' | 'malformed' | 'requests' | 'accepted' | 'rejected' | 'undecodable' | 'unresolved' | 'points',
  number
>

export type Expected = {
  points: ExpectedPoint[]
  counters: Counters
  /** What became of each line that is a request, by its place in the log. */
  verdicts: Map<number, Verdict & { second: number }>
  /** Where the contract leaves it open what has to come out. A generated world has none. */
  ambiguities: string[]
}
