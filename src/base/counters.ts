/**
 * What happened to everything that was read; the names are an interface (contract, section 1).
 * `requests` = `accepted` + `rejected` + `undecodable` + `unresolved`; `points` = `written` + `refused` once all is done.
 */
export interface Counters {
  lines: number
  malformed: number
  requests: number
  accepted: number
  rejected: number
  undecodable: number
  unresolved: number
  points: number
  written: number
  refused: number
}

export function newCounters(): Counters {
  return {
    lines: 0,
    malformed: 0,
    requests: 0,
    accepted: 0,
    rejected: 0,
    undecodable: 0,
    unresolved: 0,
    points: 0,
    written: 0,
    refused: 0,
  }
}
