/** A point of measurement `workflow_invocation`, as far as an audit looks at it. */
export interface RecordedPoint {
  /** `null` where no row was matched to it. */
  invocationId: number | null
  /** Seconds since 1970. */
  second: number
  domain: string
}

/** A database of points that tells what it holds. */
export interface RecordedPoints {
  /**
   * Every point from one second (included) to another (not), once, in the order of time, without ever holding more than
   * a page of them.
   *
   * @throws Unavailable
   */
  invocationsBetween(sinceSecond: number, untilSecond: number): AsyncIterable<RecordedPoint> | Iterable<RecordedPoint>
}
