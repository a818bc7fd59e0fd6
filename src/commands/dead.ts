import { Failed, Misconfigured } from '../base/errors.ts'
import { log } from '../base/log.ts'
import { BrokerLetters } from '../broker/letters.ts'
import type { EventsSettings } from '../config/events.ts'
import { loadConfiguration } from '../config/load.ts'
import type { DeadLetter, DeadLetters } from '../events/dead_letter.ts'
import { openOutbox, openOutboxToRead } from '../outbox/file.ts'
import { OutboxLetters } from '../outbox/letters.ts'
import { brokerConnection } from './broker.ts'
import { columns } from './columns.ts'
import { Pauses } from './pauses.ts'
import { destinationNamed } from './work.ts'

/** Of each destination: they are held in memory. */
const listMax = 10_000

export interface DeadOptions {
  config: string
  /** `list`, `show` or `replay`, then ids. */
  words: string[]
  /** `null`: of all destinations. */
  destination: string | null
  sinceMs: number
  json: boolean
}

/** Lists what could not be delivered, shows it whole, or has it delivered again. */
export async function dead({ config, words, destination, sinceMs, json }: DeadOptions): Promise<number> {
  const [verb, ...ids] = words
  const events = await eventsOf(config)
  if (destination !== null) destinationNamed(destination, events.destinations)
  const names = destination === null ? Object.keys(events.destinations) : [destination]
  const choice = { sinceMs, ids: [...new Set(ids.map((id) => id.toLowerCase()))] }
  switch (verb) {
    case 'list':
    case 'show': {
      if (verb === 'show' && ids.length === 0) throw new Misconfigured(['dead show needs ID'])
      const letters: DeadLetter[] = []
      for (const name of names) {
        const found = await withLetters(events, name, (of) => of.list(choice, listMax + 1))
        if (found.length > listMax) sayCutOff(name)
        letters.push(...found.slice(0, listMax))
      }
      process.stdout.write(
        json ? `${JSON.stringify({ letters })}\n` : verb === 'list' ? table(letters) : pages(letters),
      )
      if (verb === 'list' && letters.length === 0 && !json) process.stderr.write('no dead letters\n')
      const found = new Set(letters.map(({ id }) => id))
      const unknown = choice.ids.filter((id) => !found.has(id))
      if (verb === 'show' && unknown.length > 0) throw notFound(` ${unknown.join(', ')}`)
      return 0
    }
    case 'replay': {
      if (destination === null) throw new Misconfigured(['dead replay needs --destination NAME'])
      const replayed = await withLetters(events, destination, (letters) => letters.replay(choice))
      process.stdout.write(json ? `${JSON.stringify({ replayed })}\n` : `${replayed} to be delivered again\n`)
      const unknown = choice.ids.length - replayed
      if (unknown > 0) throw notFound(replayed === 0 ? ` ${choice.ids.join(', ')}` : `, for ${unknown} of those given`)
      return 0
    }
    default:
      throw new Misconfigured([`dead ${verb}: there is no such thing to do. list, show or replay`])
  }
}

/** Keeps a destination from being delivered to, or lets it go on. */
export async function setPaused(config: string, destination: string, isPaused: boolean): Promise<number> {
  const { events, state_dir: stateFolder } = await loadConfiguration(config, { events: true })
  destinationNamed(destination, events!.destinations)
  const pauses = new Pauses(stateFolder)
  if (isPaused) pauses.pause(destination)
  else pauses.resume(destination)
  process.stderr.write(`${destination} ${isPaused ? 'is paused: its events wait' : 'is delivered to again'}\n`)
  return 0
}

async function eventsOf(config: string): Promise<EventsSettings> {
  return (await loadConfiguration(config, { events: true })).events!
}

async function withLetters<T>(
  events: EventsSettings,
  name: string,
  ask: (letters: DeadLetters) => Promise<T>,
): Promise<T> {
  const letters = lettersOf(events, name)
  try {
    return await ask(letters)
  } finally {
    await letters.close()
  }
}

function lettersOf(events: EventsSettings, name: string): DeadLetters {
  const { rabbitmq, file, destinations } = events
  if (rabbitmq !== null) {
    const only = { [name]: destinations[name]! }
    return new BrokerLetters(brokerConnection(rabbitmq, 'dead', only), rabbitmq.exchange, name)
  }
  const isThere = openOutboxToRead(file)
  if (isThere === null) throw new Failed(`outbox (${file}): there is none yet. \`serve\` makes it`)
  isThere.close()
  return new OutboxLetters(openOutbox(file, 'normal'), name)
}

function notFound(which: string): Failed {
  return new Failed(`no dead letter with the id${which}; \`dead list\` shows them`)
}

function sayCutOff(destination: string): void {
  const remedy = 'choose others with --since or by their ids; `dead replay` takes all that are chosen'
  log.warn('dead_letters_cut_off', { destination, listed: listMax, remedy })
}

/** What a stranger sent must not reach a terminal as it is. */
function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ')
}

function table(letters: DeadLetter[]): string {
  const rows = letters.map(({ destination, id, dead_at: deadAt, attempts, cause, event }) => {
    const kind = event === null ? 'unreadable' : `${event.category}.${event.type}`
    return [deadAt ?? '-', plain(id), destination, plain(kind), String(attempts), plain(cause)]
  })
  return rows.length === 0 ? '' : columns([['dead since', 'id', 'destination', 'event', 'attempts', 'cause'], ...rows])
}

function pages(letters: DeadLetter[]): string {
  return letters.map(page).join('')
}

function page(letter: DeadLetter): string {
  const { destination, id, dead_at: deadAt, attempts, cause, event, text } = letter
  const rows = [
    ['id', id],
    ['destination', destination],
    ['dead since', deadAt ?? 'not known'],
    ['attempts', String(attempts)],
    ['cause', cause],
    ['event', event === null ? (text ?? '') : JSON.stringify(event)],
  ]
  return `${rows.map(([name, value]) => `${name!.padEnd(13)}${plain(value!)}\n`).join('')}\n`
}
