/** One line that asks Galaxy to invoke a workflow. */
export interface InvocationRequest {
  /** Tells this line from every other: from its bytes and its ordinal among identical lines of its stream. */
  line: string
  /** The instant that the line tells, ms since 1970. */
  timeMs: number
  /** `$request_time`, where the log has it. */
  durationMs: number | null
  status: number
  /** The id in the path, as it stands there. */
  id: string
  /** The id is a revision's. */
  instance: boolean
  /** The site as the server knows it, and as the page that sent the request tells it. */
  host: string | null
  referer: string | null
  /** Set where no point is to be made: the reading asked for begins at this instant. */
  contextMs: number | null
}
