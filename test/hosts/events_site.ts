// A site with a hub of events, before any playbook of ours has run: a host for the hub, one for RabbitMQ, one for InfluxDB
// and three in several regions for probes.
import { randomBytes } from 'node:crypto'
import { type Ansible, type PlayOptions, prepareAnsible } from './ansible.ts'
import { type Laboratory, openLaboratory } from './laboratory.ts'
import { type Machine, until } from './machine.ts'
import { awkward } from './secrets.ts'
import { authorityFile, type StatsSite, setUpStats, statsName } from './stats_site.ts'

export const hubName = 'events.usegalaxy.org.au'
export const brokerName = 'rabbitmq.usegalaxy.org.au'
export const regions = ['sydney', 'melbourne', 'perth'] as const
export const database = 'workflow_events'
export const keysFolder = '/opt/workflow-events/keys'
/** How often the probes look. */
export const intervalSeconds = 5

export type EventsSite = {
  folder: string
  hub: Machine
  broker: Machine
  stats: Machine
  probes: Record<string, Machine>
  machines: Machine[]
  influxdb: StatsSite
  /** Every secret of the site, and the keys once they are made. */
  secrets: Record<string, string>
  play(playbook: 'events' | 'probes', options?: PlayOptions): ReturnType<Ansible['play']>
  close(): Promise<void>
}

export async function openEventsSite(image: string, layer: string, archive: string): Promise<EventsSite> {
  const word = () => randomBytes(12).toString('hex')
  const secrets = {
    influxdbAdmin: word(),
    influxdbWriter: `${word()}${awkward}${word()}`,
    rabbitmq: `${word()}${awkward}/@:${word()}`,
  }
  const laboratory = await openLaboratory(image)
  const boot = (name: string, number: number, over?: string) => laboratory.boot(name, number, over)
  // All others start from one image, and boot while RabbitMQ does.
  const [broker, hub, stats, ...stations] = await Promise.all([
    boot(brokerName, 13, layer),
    boot(hubName, 11),
    boot(statsName, 12),
    ...regions.map((region, index) => boot(`${region}.usegalaxy.org.au`, 14 + index)),
  ])
  const machines = [broker, hub, stats, ...stations]
  const names = machines.map(({ address, name }) => `${address} ${name} ${name.split('.')[0]}`).join('\n')
  await Promise.all(machines.map((machine) => machine.must('cat >> /etc/hosts', { input: `${names}\n` })))
  const [influxdb] = await Promise.all([setUpInfluxdb(stats, laboratory, secrets), startBroker(broker)])
  for (const machine of [hub, ...stations]) await machine.write(authorityFile, influxdb.authority)
  const vault = {
    vault_workflow_events_rabbitmq_password: secrets.rabbitmq,
    vault_workflow_events_influxdb_password: secrets.influxdbWriter,
  }
  const ansible = await prepareAnsible(laboratory, machines, vault, archive)
  return {
    folder: laboratory.folder,
    ...{ hub, broker, stats, machines, influxdb, secrets },
    probes: Object.fromEntries(regions.map((region, index) => [region, stations[index]!])),
    play: (playbook, options = {}) =>
      ansible.play(playbook, { ...options, variables: { ...ownVariables, ...options.variables } }),
    close: () => laboratory.close(),
  }
}

async function setUpInfluxdb(
  stats: Machine,
  { folder }: Laboratory,
  secrets: { influxdbAdmin: string; influxdbWriter: string },
): Promise<StatsSite> {
  const influxdb = await setUpStats(stats, folder, secrets)
  const password = secrets.influxdbWriter.replace(/[\\']/g, '\\$&')
  for (const statement of [
    `CREATE DATABASE ${database}`,
    `CREATE USER events WITH PASSWORD '${password}'`,
    `GRANT WRITE ON ${database} TO events`,
  ])
    await influxdb.query(statement)
  return influxdb
}

/** As Debian's package does when it is installed on a host that runs. */
async function startBroker(broker: Machine): Promise<void> {
  await broker.must('systemctl enable --now rabbitmq-server', { timeoutMs: 180_000 })
  await untilUp(broker)
}

export function untilUp(broker: Machine): Promise<void> {
  return until(
    180_000,
    async () => (await broker.shell('rabbitmqctl --quiet await_startup')).status === 0,
    () => broker.must('journalctl --no-pager -n 40; tail -n 40 /var/log/rabbitmq/*.log'),
  )
}

/** What differs here from the examples: the authority, and shorter intervals. */
const destination = { kind: 'influxdb', url: `https://${statsName}:8086`, ca_file: authorityFile, username: 'events' }
export const destinations = { dashboards: { ...destination, database } }
const closedPort = { kind: 'tcp', target: `${statsName}:9`, retries: 0 }
const often = { interval_seconds: intervalSeconds, timeout_seconds: 4 }
const window = { name: 'all day', zone: 'Australia/Sydney', start: '2026-01-01T00:00', duration_minutes: 1440 }
const ownVariables = {
  workflow_events_destinations: destinations,
  workflow_events_files: [authorityFile],
  workflow_probes_files: [authorityFile],
  workflow_probes_connectivity: [`${hubName}:8090`, statsName],
  workflow_probes_checks: {
    'stats-host': { kind: 'ping', target: statsName, count: 1, ...often },
    influxdb: {
      kind: 'http',
      target: `https://${statsName}:8086/ping`,
      ca_file: authorityFile,
      certificate_days: 0,
      ...often,
    },
    broken: { ...closedPort, ...often },
    maintained: { ...closedPort, ...often, maintenance: [{ ...window, repeat: 'daily' }] },
  },
}
