import { Misconfigured } from '../base/errors.ts'
import { instantMs } from '../base/instant.ts'

/**
 * A date or an instant to ms since 1970; UTC unless it says otherwise.
 *
 * @param option the option that it was given to, for the message
 * @throws Misconfigured
 */
export function parseWhen(text: string, option: string): number {
  const timeMs = instantMs(text)
  if (timeMs !== null) return timeMs
  throw new Misconfigured([
    `--${option} ${text}: is no date or instant. Write it as 2026-06-25 or 2026-06-25T10:00:00Z`,
  ])
}
