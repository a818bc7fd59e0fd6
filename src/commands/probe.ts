import { Stopped } from '../base/errors.ts'
import { log } from '../base/log.ts'
import { pause } from '../base/retry.ts'
import { lockAlone } from '../base/state.ts'
import { type Stop, stopOnSignals } from '../base/stop.ts'
import { HubClient } from '../clients/hub.ts'
import { Systemd } from '../clients/systemd.ts'
import { type Configuration, loadConfiguration } from '../config/load.ts'
import type { ProbeSettings } from '../config/probe.ts'
import { AssignedChecks } from '../probing/assigned.ts'
import type { Check } from '../probing/check.ts'
import { OwnNetwork } from '../probing/own_network.ts'
import { Prober } from '../probing/prober.ts'
import { Pusher } from '../probing/pusher.ts'
import type { Result } from '../probing/result.ts'
import { Spool } from '../probing/spool.ts'
import { probeOnce } from './probe_once.ts'
import { tryingOf } from './tries.ts'

const askHubEveryMs = 60_000
const lookEveryMs = 5000
const dayMs = 86_400_000

export interface ProbeOptions {
  config: string
  once: boolean
  json: boolean
}

/** Probes targets from here and brings the results to the hub, until it is stopped; or looks at each target once. */
export async function probe({ config, once, json }: ProbeOptions): Promise<number> {
  const configuration = await loadConfiguration(config, { probe: true, hub: !once })
  const { region, checks, from_hub: fromHub } = configuration.probe!
  if (Object.keys(checks).length === 0 && (once || !fromHub))
    log.warn('nothing_to_probe', { remedy: 'Name targets in probe.checks, or set probe.from_hub' })
  if (once) return probeOnce(configuration, json)
  const stop = stopOnSignals('a check under way is given up; a second signal stops at once')
  const station = new Station(configuration, stop)
  const systemd = Systemd.fromEnvironment(station)
  stop.asked.addEventListener('abort', () => systemd?.stopping())
  log.info('probing', { region, checks: Object.keys(checks).length, hub: station.hub, pid: process.pid })
  try {
    await station.run(stop)
  } finally {
    await station.close()
    await systemd?.close()
    log.info('probed', { ...station.counters })
  }
  return 0
}

/** A probe at work: its checks, its spool and its way to the hub. */
class Station {
  readonly counters = { results: 0, reported: 0, sent: 0, refused: 0 }
  readonly #settings: ProbeSettings
  readonly #spool: Spool
  readonly #client: HubClient
  readonly #pusher: Pusher
  readonly #prober: Prober
  readonly #assigned: AssignedChecks | null
  readonly #lock: Disposable
  #signs = 0
  #begun = false
  #waitsFor: string | null = null

  constructor({ probe, hub, nginx }: Configuration, stop: Stop) {
    const { region, spool, spool_results: resultsMax, spool_days: days, at_once: atOnceMax } = probe!
    const { url, key, verify_ssl: verifySsl, ca_file: caFile } = hub!
    this.#settings = probe!
    this.#client = new HubClient({ url: url!, key: key!, verifySsl, caFile })
    // Opened first: it makes the folder that the lock stands in.
    this.#spool = new Spool(spool, { resultsMax, ageMaxMs: days * dayMs })
    this.#lock = lockAlone(`${spool}.lock`, 'another probe')
    this.#pusher = new Pusher(this.#spool, this.#client, region, (what) => {
      this.#waitsFor = what
      this.#signs++
    })
    this.#assigned = probe!.from_hub ? new AssignedChecks(this.#client, region, `${spool}.checks.json`) : null
    const network = new OwnNetwork(probe!.connectivity)
    const onResult = (result: Result) => this.#take(result)
    this.#prober = new Prober(
      { region, atOnceMax, network, tryingOf: (check) => tryingOf(check, nginx), onResult },
      stop.asked,
    )
  }

  get hub(): string {
    return this.#client.where
  }

  get begun(): boolean {
    return this.#begun
  }

  get signs(): number {
    return this.#signs
  }

  sentence(): string {
    const states = Object.entries(this.#prober.states).map(([state, count]) => `${count} ${state}`)
    const waiting = this.#waitsFor === null ? '' : `, waiting for the ${this.#waitsFor}`
    return `Probing from ${this.#settings.region}: ${states.join(', ') || 'nothing yet'}; ${this.#spool.waiting} results not sent yet${waiting}`
  }

  /** Until it is asked to stop. @throws what one of its parts failed with */
  async run(stop: Stop): Promise<void> {
    await this.#prober.set(this.#checks)
    this.#begun = true
    const look = setInterval(() => {
      if (!this.#prober.isStuck) this.#signs++
    }, lookEveryMs)
    const asked = new Promise<void>((resolve) => stop.asked.addEventListener('abort', () => resolve()))
    try {
      await Promise.race([asked, this.#prober.failed, this.#pusher.run(stop.asked), this.#askHub(stop.asked)])
    } catch (error) {
      if (!(error instanceof Stopped)) throw error
    } finally {
      clearInterval(look)
    }
  }

  async close(): Promise<void> {
    await this.#prober.close()
    Object.assign(this.counters, this.#pusher.counters)
    this.#spool.close()
    this.#client.close()
    this.#lock[Symbol.dispose]()
  }

  get #checks(): Record<string, Check> {
    return { ...this.#assigned?.checks, ...this.#settings.checks }
  }

  #take({ event, isReported }: Result): void {
    this.#signs++
    this.counters.results++
    if (!isReported) return
    this.counters.reported++
    this.#spool.put({ id: event.id, event: JSON.stringify(event) }, Date.now())
  }

  async #askHub(signal: AbortSignal): Promise<void> {
    for (;;) {
      if ((await this.#assigned?.refresh(signal)) === true) {
        await this.#prober.set(this.#checks)
        log.info('checks_from_hub', { checks: Object.keys(this.#assigned!.checks).length })
      }
      await pause(askHubEveryMs, signal)
    }
  }
}
