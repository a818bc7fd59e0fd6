import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Happening, type Sender, senders, type Told } from './happenings.ts'
import { answers } from './page.ts'
import { builtFile } from './program.ts'

const batchMax = 1000
/** The name under which all probes send. */
export const probesSource = 'probes'
type Source = Sender | typeof probesSource

interface Answer {
  results: { error?: string }[]
}

/** It has ended, or the demonstration has. */
export class HubGone extends Error {}

/** The hub of events, as those know it who have a key and send. */
export class Hub {
  readonly #address: string
  readonly #keys: Record<Source, string>
  readonly #signal: AbortSignal

  private constructor(address: string, keys: Record<Source, string>, signal: AbortSignal) {
    this.#address = address
    this.#keys = keys
    this.#signal = signal
  }

  /** Has a key made for each sender, by `key create`. */
  static async withKeys(config: string, address: string, signal: AbortSignal): Promise<Hub> {
    const sources: Source[] = [...senders, probesSource]
    const keys = sources.map(async (source) => [source, await createKey(config, source, signal)] as const)
    return new Hub(address, Object.fromEntries(await Promise.all(keys)) as Record<Source, string>, signal)
  }

  get probesKey(): string {
    return this.#keys[probesSource]
  }

  /**
   * @returns how many were refused; all others are on disk
   * @throws HubGone, or another error where the hub takes nothing of it
   */
  async send(source: Source, events: Told[]): Promise<number> {
    let refused = 0
    for (let from = 0; from < events.length; from += batchMax) {
      const { results } = await this.#post(source, events.slice(from, from + batchMax))
      refused += results.filter(({ error }) => error !== undefined).length
    }
    return refused
  }

  /** Sends what was before, all at once. What is wrong is left out: the hub counts refusals when they come. */
  async sendPast(happenings: Iterator<Happening, void>, startMs: number, untilMs: number): Promise<void> {
    const told: Record<Sender, Told[]> = { galaxy: [], clowder: [], sequencers: [] }
    for (let sinceStartMs = 0; sinceStartMs < untilMs; ) {
      const { value: happening } = happenings.next()
      if (!happening) throw new Error('The happenings came to an end')
      sinceStartMs = happening.sinceStartMs
      if (!happening.isWrong) told[happening.sender].push(happening.tell(Math.floor(startMs + sinceStartMs)))
    }
    await Promise.all(senders.map((sender) => this.sendAll(sender, told[sender])))
  }

  /** Throws where one is refused. */
  async sendAll(source: Source, events: Told[]): Promise<void> {
    const refused = await this.send(source, events)
    if (refused > 0) throw new Error(`The hub refused ${refused} of ${events.length} events of ${source}`)
  }

  async #post(source: Source, events: Told[]): Promise<Answer> {
    const asked = fetch(`${this.#address}v1/events`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${this.#keys[source]}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(events),
      signal: this.#signal,
    })
    const answer = await asked
      .then((response) => response.json() as Promise<Partial<Answer>>)
      .catch((cause: unknown) => {
        throw new HubGone(`The hub at ${this.#address} does not answer`, { cause })
      })
    if (answer.results === undefined) throw new Error(`The hub took no event: ${JSON.stringify(answer)}`)
    return answer as Answer
  }
}

/** Waits until the hub is there, has keys made, and lets it be filled. */
export async function fillHub(
  config: string,
  address: string,
  signal: AbortSignal,
  fill: (hub: Hub) => Promise<unknown>,
): Promise<Hub> {
  await answers(address, signal)
  const hub = await Hub.withKeys(config, address, signal)
  await fill(hub)
  return hub
}

async function createKey(config: string, source: Source, signal: AbortSignal): Promise<string> {
  const scopes = ['--scope', 'events:write:*', '--scope', 'events:read']
  const args = [builtFile, 'key', 'create', '--config', config, '--source', source, ...scopes]
  return (await promisify(execFile)(process.execPath, args, { signal })).stdout.trim()
}
