import type { CheckOf } from './check.ts'

/** What one try saw. */
export interface Finding {
  /** `unknown`: the probe could not look, which says nothing about the target. */
  verdict: 'good' | 'failed' | 'unknown'
  /** One word for it, in Telegraf's terms where it has one. */
  result: string
  /** The same for people. */
  message: string
  /** What was measured, by its name in the event; without secrets and addresses of people. */
  fields: Record<string, number | string | boolean>
}

/** Makes one try; ends within the time given and never throws for what the target does. */
export type Try = (timeoutMs: number, signal: AbortSignal) => Promise<Finding>

/** How each kind of check is tried. Its state lives as long as the check. */
export type Tries = { [Kind in 'ping' | 'tcp' | 'http' | 'nginx']: (check: CheckOf<Kind>) => Try }

/** Milliseconds to the microsecond: what a clock tells beyond that is noise. */
export function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000
}
