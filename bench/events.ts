// How fast events are accepted and delivered, and how soon they can be seen: `npm run bench:events [-- --only a,b]`.
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { Agent } from 'node:http'
import { cpus, loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { findProgram } from '../test/services/needed.ts'
import { temporaryFolder } from '../test/services/temporary.ts'
import { table } from './compare.ts'
import { EventStage, type Hub } from './event_stage.ts'
import { quantile } from './measure.ts'
import { cpuMsOf, mibOf } from './process.ts'
import { bodiesOf, send, sendAll } from './senders.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    events: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '50' },
    telegraf: { type: 'string' },
    profile: { type: 'string' },
  },
})
const [events, seconds, perSecond] = [Number(values.events), Number(values.seconds), Number(values.rate)]
const measuredHead = ['events', 'events/s', 'CPU µs an event', 'peak MiB', 'load']
const batchSize = 100
const telegrafFlushMs = 1000
const hasRabbitmq = findProgram('rabbitmq-server') !== undefined

const sections: Record<string, (stage: EventStage) => Promise<string>> = { accepted, delivered, same, seen }
const chosen = values.only?.split(',') ?? Object.keys(sections)
const unknown = chosen.filter((name) => !Object.hasOwn(sections, name))
if (unknown.length > 0) {
  process.stderr.write(`no such section: ${unknown.join(', ')}. There are ${Object.keys(sections).join(', ')}\n`)
  process.exit(2)
}

await using stage = await EventStage.start(values.profile)
console.log(`${cpus().length} × ${cpus()[0]?.model}, Node.js ${process.version}; ${load()} at the start`)
console.log(`one fdatasync of 4 KiB: ${await diskMs()}\n`)
if (!hasRabbitmq) console.log('RabbitMQ is left out: there is no rabbitmq-server')
if (values.telegraf === undefined) console.log('Telegraf is left out: --telegraf names the program')
for (const name of chosen) console.log(await sections[name]!(stage))
console.log(`${load()} at the end`)

/** From the request to 202, with the events on disk. */
async function accepted(): Promise<string> {
  const rows: string[][] = []
  for (const [clients, batch, share] of [
    [1, 1, 0.25],
    [8, 1, 0.5],
    [1, batchSize, 2],
    [8, batchSize, 2],
  ] as const) {
    const hub = await stage.keeping()
    const count = Math.ceil(events * share)
    await sendAll(hub.target, bodiesOf(100, 1, Date.now() - 86_400_000), clients)
    const bodies = bodiesOf(count, batch, Date.now() - count)
    const row = await measured(hub, count, () => sendAll(hub.target, bodies, clients))
    rows.push([String(clients), String(batch), ...row])
    await stopped(hub)
  }
  const head = ['clients', 'events a request', ...measuredHead]
  return `### Accepted, on disk\n\n${table(head, rows)}`
}

/** What waits, as after a time without the database, until it can be queried there. */
async function delivered(): Promise<string> {
  const rows: string[][] = []
  const bodies = () => bodiesOf(events, batchSize, Date.now() - events)
  const embedded = await stage.embedded({ isPaused: true })
  await sendAll(embedded.target, bodies(), 8)
  const resume = async () => {
    await embedded.resume()
    await stage.stored(embedded, events)
  }
  rows.push(['outbox to InfluxDB, in `serve`', ...(await measured(embedded, events, resume))])
  await stopped(embedded)
  if (hasRabbitmq) {
    const hub = await stage.overRabbitmq()
    const relay = async () => {
      await sendAll(hub.target, bodies(), 8)
      while ((await hub.waiting()) < events) await sleep(50)
    }
    rows.push(['accepted and handed to RabbitMQ, by `serve`', ...(await measured(hub, events, relay))])
    const worker: Hub = { ...hub, processes: [] }
    const deliver = async () => {
      worker.processes.push(await hub.work())
      await stage.stored(hub, events)
    }
    rows.push(['RabbitMQ to InfluxDB, by `work`, its start included', ...(await measured(worker, events, deliver))])
    await stopped(hub)
  }
  return `### Delivered to InfluxDB\n\n${table(['', ...measuredHead], rows)}`
}

/** The same events from the first request until all can be queried, of whoever takes JSON over HTTP. */
async function same(): Promise<string> {
  const rows: string[][] = []
  for (const [batch, share] of [
    [1, 0.5],
    [batchSize, 2],
  ] as const) {
    for (const [name, make] of Object.entries(takers())) {
      const hub = await make()
      const count = Math.ceil(events * share)
      const bodies = bodiesOf(count, batch, Date.now() - count)
      const work = async () => {
        await sendAll(hub.target, bodies, 8)
        await stage.stored(hub, count)
      }
      rows.push([name, String(batch), ...(await measured(hub, count, work))])
      await stopped(hub)
    }
  }
  const head = ['', 'events a request', ...measuredHead]
  return `### From HTTP into InfluxDB, eight clients\n\n${table(head, rows)}`
}

/** From 202 until a query answers with the event, at a rate that nothing is busy with. */
async function seen(): Promise<string> {
  const rows: string[][] = []
  for (const [name, make] of Object.entries(takers())) {
    const hub = await make()
    const latencies = await latenciesOf(hub)
    const [p50, p99, most] = [quantile(latencies, 0.5), quantile(latencies, 0.99), Math.max(...latencies)]
    rows.push([name, ...[p50, p99, most].map((value) => value.toFixed(0))])
    await stopped(hub)
  }
  const title = `### From 202 until it can be queried\n\n${perSecond} events a second for ${seconds} s, one by one.\n`
  return `${title}\n${table(['', 'p50 ms', 'p99 ms', 'most ms'], rows)}`
}

/** Ways from HTTP to InfluxDB, each of them started anew. */
function takers(): Record<string, () => Promise<Hub>> {
  const { telegraf } = values
  const overRabbitmq = async () => {
    const hub = await stage.overRabbitmq()
    await hub.work()
    return hub
  }
  return {
    '`serve`': () => stage.embedded(),
    ...(hasRabbitmq && { '`serve`, RabbitMQ, `work`': overRabbitmq }),
    ...(telegraf !== undefined && { 'Telegraf, in memory': () => stage.telegraf(telegraf, telegrafFlushMs) }),
  }
}

/** What a work takes, of the processes that have it. */
async function measured({ processes }: Hub, count: number, work: () => Promise<void>): Promise<string[]> {
  const before = new Map(processes.map(({ pid }) => [pid, cpuMsOf(pid)]))
  const beganMs = performance.now()
  await work()
  const tookMs = performance.now() - beganMs
  const cpuUs = processes.map(({ pid }) => ((cpuMsOf(pid) - (before.get(pid) ?? 0)) * 1000) / count)
  return [
    String(count),
    ((count / tookMs) * 1000).toFixed(0),
    cpuUs.map((value) => value.toFixed(0)).join(' + '),
    processes.map(({ pid }) => mibOf(pid, 'VmHWM').toFixed(0)).join(' + '),
    (loadavg()[0] ?? 0).toFixed(1),
  ]
}

async function latenciesOf(hub: Hub): Promise<number[]> {
  const agent = new Agent({ keepAlive: true })
  const count = Math.ceil(seconds * perSecond)
  const firstMs = Date.now()
  const acceptedMs: number[] = []
  const latencies: number[] = []
  const watch = async () => {
    const deadlineMs = performance.now() + seconds * 1000 + 60_000
    while (latencies.length < count) {
      const asked = `select last("${hub.field}") as n from "${hub.measurement}"`
      const [row] = await stage.influxdb.query(hub.database, asked)
      const nowMs = performance.now()
      // They happened, and are delivered, in this order. Seen before its 202 was: it took no time.
      for (let at = latencies.length; at <= Number(row?.['n'] ?? -1); at++)
        latencies.push(Math.max(0, nowMs - (acceptedMs[at] ?? nowMs)))
      if (nowMs > deadlineMs) throw new Error(`${latencies.length} events of ${count} were seen in ${hub.database}`)
      await sleep(2)
    }
  }
  const sendSteadily = async () => {
    const beganMs = performance.now()
    const bodies = bodiesOf(count, 1, firstMs)
    for (const [index, body] of bodies.entries()) {
      await sleep(Math.max(0, beganMs + (index * 1000) / perSecond - performance.now()))
      await send(hub.target, body, agent)
      acceptedMs[index] = performance.now()
    }
  }
  await Promise.all([watch(), sendSteadily()])
  agent.destroy()
  return latencies
}

async function stopped({ processes }: Hub): Promise<void> {
  for (const child of processes.toReversed()) await child.stop()
}

/** What the disk takes to keep something, without which nothing can be accepted. */
async function diskMs(): Promise<string> {
  await using folder = await temporaryFolder('bench-disk')
  const file = openSync(folder.file('file'), 'w')
  const times = Array.from({ length: 300 }, () => {
    const beganMs = performance.now()
    writeSync(file, Buffer.alloc(4096))
    fdatasyncSync(file)
    return performance.now() - beganMs
  })
  closeSync(file)
  return `p50 ${quantile(times, 0.5).toFixed(2)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms`
}

function load(): string {
  return `load ${loadavg()[0]?.toFixed(1)}`
}
