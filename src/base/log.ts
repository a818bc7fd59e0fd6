type Value = string | number | boolean | bigint | null | undefined

/** Named values of one event. Never put a secret or a whole log line of a stranger in here. */
export type Details = Record<string, Value>

const levels = { info: 6, warn: 4, error: 3 } as const
export type Level = keyof typeof levels

/** Under systemd a line may begin with its priority, and the journal shows it in its colour (sd-daemon(3)). */
const toJournal = process.env['JOURNAL_STREAM'] !== undefined
const valueMaxCharacters = 1000

function render(value: Value): string {
  const text = String(value).slice(0, valueMaxCharacters)
  // Control characters of a stranger must not reach a terminal, nor end the line.
  return text === '' || /[\s"=\\\p{Cc}]/u.test(text) ? JSON.stringify(text).replace(/\p{Cc}/gu, ' ') : text
}

function write(level: Level, event: string, details: Details): void {
  let line = toJournal ? `<${levels[level]}>` : `${new Date().toISOString()} `
  line += `level=${level} event=${render(event)}`
  for (const [name, value] of Object.entries(details)) if (value !== undefined) line += ` ${name}=${render(value)}`
  process.stderr.write(`${line}\n`)
}

/** One event a line, `key=value`, to standard error. */
export const log = {
  info: (event: string, details: Details = {}) => write('info', event, details),
  warn: (event: string, details: Details = {}) => write('warn', event, details),
  error: (event: string, details: Details = {}) => write('error', event, details),
}

/**
 * Lets an event through at most once in `everyMs`; the others are counted and the count goes with the next one
 * as `since_last`. For what a stranger or an outage can cause any number of times.
 */
export function atMostEvery(everyMs: number): (say: (sinceLast: number) => void) => void {
  let last = Number.NEGATIVE_INFINITY
  let held = 0
  return (say) => {
    const now = performance.now()
    if (now - last < everyMs) {
      held++
      return
    }
    last = now
    say(held)
    held = 0
  }
}
