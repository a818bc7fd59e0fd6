// The servers of the bench of events: InfluxDB, a hub of the built file, RabbitMQ and Telegraf where they are there.
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ChannelModel, connect } from 'amqplib'
import { queuesOf } from '../src/broker/topology.ts'
import { type Child, startChild } from '../test/services/child.ts'
import { type Influxdb, startInfluxdb } from '../test/services/influxdb.ts'
import { writeConfig } from '../test/services/program.ts'
import { type Rabbitmq, startRabbitmq } from '../test/services/rabbitmq.ts'
import { freePort, type TemporaryFolder, temporaryFolder } from '../test/services/temporary.ts'
import type { Target } from './senders.ts'
import { program } from './stage.ts'

const lookEveryMs = 50
/** Nothing is measured that the limits of a key would hold back. */
const limits = { rate_per_second: 10_000_000, burst: 10_000_000, waiting: 10_000_000 }

/** Something that takes events over HTTP and writes them to a database of its own. */
export interface Hub {
  target: Target
  /** Those that do the work. */
  processes: Child[]
  database: string
  /** Of the points in the database. */
  measurement: string
  field: string
}

export class EventStage {
  readonly influxdb: Influxdb
  readonly #folder: TemporaryFolder
  readonly #profiles: string | undefined
  #rabbitmq: Rabbitmq | null = null
  #connection: ChannelModel | null = null
  #made = 0

  private constructor(folder: TemporaryFolder, influxdb: Influxdb, profiles: string | undefined) {
    this.#folder = folder
    this.influxdb = influxdb
    this.#profiles = profiles
  }

  /** @param profiles a folder for the CPU profiles of the programs */
  static async start(profiles: string | undefined): Promise<EventStage> {
    return new EventStage(await temporaryFolder('bench-events'), await startInfluxdb(), profiles)
  }

  /** A hub that keeps events and delivers them nowhere. */
  async keeping(): Promise<Hub> {
    return (await this.#hub({})).hub
  }

  /** A hub that delivers to InfluxDB by itself. */
  async embedded({ isPaused = false } = {}): Promise<Hub & { resume(): Promise<unknown> }> {
    const database = await this.#database()
    const { hub, config } = await this.#hub({ destinations: { influx: this.#destination(database) } }, isPaused)
    return { ...hub, database, resume: () => this.#command(['resume', '--destination', 'influx'], config) }
  }

  /** One that delivers over RabbitMQ, when `work` is called. */
  async overRabbitmq(): Promise<Hub & { work(): Promise<Child>; waiting(): Promise<number> }> {
    this.#rabbitmq ??= await startRabbitmq()
    const { url } = this.#rabbitmq
    this.#connection ??= await connect(url)
    const connection = this.#connection
    const database = await this.#database()
    const exchange = `bench.${database}`
    const { hub, config } = await this.#hub({
      rabbitmq: { url, exchange, clowder_exchange: null },
      destinations: { influx: this.#destination(database) },
    })
    return {
      ...hub,
      database,
      work: async () => {
        const child = await this.#start(['work', '--destination', 'influx'], config)
        hub.processes.push(child)
        await child.waitFor(/event=working /)
        return child
      },
      waiting: async () => {
        const channel = await connection.createChannel()
        // There is no queue until the hub has connected: then the channel is closed, and the question not answered.
        const closed = once(
          channel.on('error', () => {}),
          'close',
        ).then(() => null)
        const queue = await Promise.race([channel.checkQueue(queuesOf(exchange, 'influx').main), closed]).catch(
          () => null,
        )
        if (queue !== null) await channel.close()
        return queue?.messageCount ?? 0
      },
    }
  }

  /** Telegraf on the same work. What it took is in its memory alone until InfluxDB has it. */
  async telegraf(program: string, flushMs: number): Promise<Hub> {
    const database = await this.#database()
    const port = await freePort()
    const config = this.#folder.file(`${database}.conf`)
    const { username, password } = this.influxdb.admin
    writeFileSync(
      config,
      `[agent]
interval = "10s"
flush_interval = "${flushMs}ms"
metric_batch_size = 500
metric_buffer_limit = 1000000
omit_hostname = true
[[inputs.http_listener_v2]]
service_address = "tcp://127.0.0.1:${port}"
paths = ["/v1/events"]
methods = ["POST"]
data_format = "json"
name_override = "event_job"
tag_keys = ["payload_tool_id", "payload_destination", "payload_state", "type"]
json_time_key = "occurred_at"
json_time_format = "2006-01-02T15:04:05.000Z07:00"
[[outputs.influxdb]]
urls = ["${this.influxdb.url}"]
database = "${database}"
skip_database_creation = true
username = "${username}"
password = "${password}"
`,
      { mode: 0o600 },
    )
    const child = await startChild(program, ['--config', config])
    await child.waitFor(/Listening on/)
    const target = { url: `http://127.0.0.1:${port}/v1/events`, headers: {} }
    return { target, processes: [child], database, measurement: 'event_job', field: 'payload_job_id' }
  }

  /** Waits until so many points can be queried. */
  async stored({ database, measurement, field }: Hub, points: number): Promise<void> {
    const deadlineMs = performance.now() + 300_000
    for (;;) {
      const [row] = await this.influxdb.query(database, `select count("${field}") as n from "${measurement}"`)
      const found = Number(row?.['n'] ?? 0)
      if (found >= points) return
      if (performance.now() > deadlineMs) throw new Error(`${found} points of ${points} in ${database}`)
      await sleep(lookEveryMs)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.influxdb[Symbol.asyncDispose]()
    await this.#connection?.close()
    await this.#rabbitmq?.[Symbol.asyncDispose]()
    await this.#folder.remove()
  }

  async #hub(events: object, isPaused = false): Promise<{ hub: Hub; config: string }> {
    const folder = this.#folder.file(`hub-${++this.#made}`)
    mkdirSync(folder)
    const config = await writeConfig(folder, {
      state_dir: 'state',
      serve: { listen: '127.0.0.1:0' },
      events: { file: 'events.sqlite', limits, ...events },
    })
    if (isPaused) await this.#command(['pause', '--destination', 'influx'], config)
    const key = await this.#command(['key', 'create', '--source', 'galaxy', '--scope', 'events:write:*'], config)
    const child = await this.#start(['serve'], config)
    const [, url] = await child.waitFor(/event=serving url=(\S+)/)
    const target = { url: `${url}v1/events`, headers: { Authorization: `Bearer ${key.trim()}` } }
    return { hub: { target, processes: [child], database: '', measurement: 'event_job', field: 'job_id' }, config }
  }

  #destination(database: string): object {
    return { kind: 'influxdb', url: this.influxdb.url, database, ...this.influxdb.admin }
  }

  async #database(): Promise<string> {
    const name = `bench${++this.#made}`
    await this.influxdb.createDatabase(name)
    return name
  }

  #start(args: string[], config: string): Promise<Child> {
    const profiling = this.#profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${this.#profiles}`]
    return startChild(process.execPath, [...profiling, program, ...args, '--config', config])
  }

  async #command(args: string[], config: string): Promise<string> {
    await using child = await startChild(process.execPath, [program, ...args, '--config', config])
    const { status } = await child.exited
    if (status !== 0) throw new Error(`${args.join(' ')}: ${child.stderr()}`)
    return child.stdout()
  }
}
