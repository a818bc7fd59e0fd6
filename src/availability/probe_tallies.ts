import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { atMostEvery, log } from '../base/log.ts'
import type { HubEvent } from '../events/event.ts'
import {
  heardType,
  hubSource,
  type ProbeName,
  type ProbeResult,
  probeCategory,
  resultOf,
  silentType,
} from './probe_result.ts'
import type { ProbeStatus } from './view.ts'

/**
 * How each probe is and how it was, kept in the transaction that accepts its events. A silence begins when the first
 * result that did not come was due; `late` results of that time came afterwards, and `told` says whether the event of
 * its end was made.
 */
export const probeTables = `
  create table probe_state (
    how text not null,
    name text not null,
    region text not null,
    kind text not null,
    state text not null check (state in ('up', 'down', 'unknown', 'maintenance', 'silent')),
    since_ms integer not null,
    result_ms integer not null,
    heard_ms integer not null,
    interval_ms integer,
    response_ms real,
    message text not null,
    recent text not null,
    primary key (how, name, region)
  ) without rowid;
  create table probe_hour (
    how text not null,
    name text not null,
    region text not null,
    hour integer not null,
    up integer not null,
    down integer not null,
    unknown integer not null,
    maintenance integer not null,
    responses integer not null,
    response_ms_sum real not null,
    response_ms_max real not null,
    primary key (how, name, region, hour)
  ) without rowid;
  create index probe_hour_hour on probe_hour (hour);
  create table probe_silence (
    how text not null,
    name text not null,
    region text not null,
    from_ms integer not null,
    until_ms integer,
    interval_ms integer not null,
    late integer not null,
    told integer not null,
    primary key (how, name, region, from_ms)
  ) without rowid;
`

/** `[ms since 1970, response in ms or null, state]` */
export type Recent = [atMs: number, responseMs: number | null, state: ProbeStatus]

const hourMs = 3_600_000
const recentMax = 60
const probesMax = 2000
/** A probe that was taken away is shown as silent for so long. */
const forgetMs = 30 * 24 * hourMs
const sayTooMany = atMostEvery(60_000)
const isIt = 'how = ? and name = ? and region = ?'

export class ProbeTallies {
  /** Whether a window of maintenance is open for a probe at an instant. */
  isMaintained: (probe: ProbeName, atMs: number) => boolean = () => false
  readonly #find: StatementSync
  readonly #countAll: StatementSync
  readonly #put: StatementSync
  readonly #putRecent: StatementSync
  readonly #addToHour: StatementSync
  readonly #beginSilence: StatementSync
  readonly #showSilent: StatementSync
  readonly #endSilence: StatementSync
  readonly #addLate: StatementSync
  readonly #tell: StatementSync
  readonly #forgetting: StatementSync[]

  constructor(database: DatabaseSync) {
    this.#find = database.prepare(`select state, since_ms, result_ms, heard_ms, recent from probe_state where ${isIt}`)
    this.#countAll = database.prepare('select count(*) as count from probe_state')
    this.#put = database.prepare('insert or replace into probe_state values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    this.#putRecent = database.prepare(`update probe_state set heard_ms = ?, recent = ? where ${isIt}`)
    this.#addToHour = database.prepare(
      `insert into probe_hour values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do update set
         up = up + excluded.up, down = down + excluded.down, unknown = unknown + excluded.unknown,
         maintenance = maintenance + excluded.maintenance, responses = responses + excluded.responses,
         response_ms_sum = response_ms_sum + excluded.response_ms_sum,
         response_ms_max = max(response_ms_max, excluded.response_ms_max)`,
    )
    this.#beginSilence = database.prepare('insert or ignore into probe_silence values (?, ?, ?, ?, null, ?, 0, 0)')
    this.#showSilent = database.prepare(
      `update probe_state set state = 'silent', since_ms = ?, message = ? where ${isIt}`,
    )
    this.#endSilence = database.prepare(`update probe_silence set until_ms = ? where ${isIt} and until_ms is null`)
    // Half an interval either way: the result that ended the silence was not late.
    this.#addLate = database.prepare(
      `update probe_silence set late = late + 1 where ${isIt} and from_ms - interval_ms / 2 <= ?
         and ? < coalesce(until_ms, ?) - interval_ms / 2`,
    )
    this.#tell = database.prepare(`update probe_silence set told = 1 where ${isIt} and from_ms = ?`)
    this.#forgetting = ['probe_hour where hour < ?', 'probe_silence where until_ms < ? * 3600000'].map((what) =>
      database.prepare(`delete from ${what}`),
    )
    this.#forgetting.push(database.prepare('delete from probe_state where heard_ms < ? * 3600000'))
  }

  /** Inside the transaction in which they were accepted. */
  keep(events: HubEvent[]): void {
    for (const event of events) {
      if (event.source === hubSource && event.category === probeCategory) this.#keepOwn(event)
      const result = resultOf(event)
      if (result !== null) this.#keepResult(result, event.receivedMs)
    }
  }

  /** Lets go of the hours before an instant, and of probes that have not been heard for a month. */
  forget(beforeMs: number, nowMs: number): void {
    const [hours, silences, states] = this.#forgetting
    hours?.run(Math.floor(beforeMs / hourMs))
    silences?.run(Math.floor(beforeMs / hourMs))
    states?.run(Math.floor((nowMs - forgetMs) / hourMs))
  }

  #keepOwn({ type, payload }: HubEvent): void {
    const { how, probe, region, from_ms: fromMs, interval_seconds: seconds, message } = payload
    const which = [String(how), String(probe), String(region)] as const
    if (type === silentType) {
      this.#beginSilence.run(...which, Number(fromMs), Number(seconds) * 1000)
      this.#showSilent.run(Number(fromMs), String(message), ...which)
    } else if (type === heardType) this.#tell.run(...which, Number(fromMs))
  }

  #keepResult(result: ProbeResult, receivedMs: number): void {
    const { how, name, region, atMs, responseMs } = result
    const which = [how, name, region] as const
    const before = this.#find.get(...which)
    if (before === undefined && Number(this.#countAll.get()?.['count']) >= probesMax) {
      sayTooMany(() => log.warn('probe_not_shown', { probe: name, region, cause: `there are ${probesMax} already` }))
      return
    }
    const isMaintained = result.inMaintenance || this.isMaintained(result, atMs)
    const state: ProbeStatus = isMaintained ? 'maintenance' : result.state
    const is = (one: ProbeStatus) => Number(state === one)
    const counted = [is('up'), is('down'), is('unknown'), is('maintenance')] as const
    const response = [Number(responseMs !== null), responseMs ?? 0, responseMs ?? 0] as const
    this.#addToHour.run(...which, Math.floor(atMs / hourMs), ...counted, ...response)
    if (before?.['state'] === 'silent') this.#endSilence.run(receivedMs, ...which)
    if (before !== undefined) this.#addLate.run(...which, atMs, atMs, receivedMs)
    this.#show(result, state, receivedMs, before)
  }

  /** What came late changes what was, and not what is. */
  #show(
    result: ProbeResult,
    state: ProbeStatus,
    receivedMs: number,
    before: Record<string, unknown> | undefined,
  ): void {
    const { how, name, region, kind, atMs, intervalMs, responseMs, message } = result
    const earlier = before === undefined ? [] : (JSON.parse(String(before['recent'])) as Recent[])
    const recent = [...earlier, [atMs, responseMs, state] satisfies Recent].sort(([a], [b]) => a - b).slice(-recentMax)
    const heardMs = Math.max(receivedMs, Number(before?.['heard_ms'] ?? 0))
    if (before !== undefined && atMs < Number(before['result_ms']) && before['state'] !== 'silent') {
      this.#putRecent.run(heardMs, JSON.stringify(recent), how, name, region)
      return
    }
    const sinceMs = before?.['state'] === state ? Number(before['since_ms']) : atMs
    this.#put.run(
      how,
      name,
      region,
      kind,
      state,
      sinceMs,
      atMs,
      heardMs,
      intervalMs,
      responseMs,
      message,
      JSON.stringify(recent),
    )
  }
}
