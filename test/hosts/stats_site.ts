// The stats host as the site's own roles leave it: InfluxDB with authentication and TLS from the site's own authority.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { request } from '../services/http.ts'
import { pointsOf, type Row, rowsOf, type StoredPoint, seriesOf } from '../services/influxql.ts'
import { must } from './command.ts'
import { type Machine, until } from './machine.ts'
import type { Secrets } from './secrets.ts'

export const statsName = 'stats.usegalaxy.org.au'
export const authorityFile = '/etc/ssl/laboratory.pem'

export type StatsSite = {
  /** The authority's certificate, as PEM text. */
  authority: string
  query(statement: string, database?: string): Promise<Row[]>
  points(database: string, measurement: string): Promise<StoredPoint[]>
}

export async function setUpStats(
  machine: Machine,
  folder: string,
  secrets: Pick<Secrets, 'influxdbAdmin'>,
): Promise<StatsSite> {
  const { authority, certificate, key } = await makeCertificate(folder, machine.address)
  await machine.write(authorityFile, authority)
  await machine.write('/etc/influxdb/server.pem', certificate)
  await machine.write('/etc/influxdb/server.key', key)
  await machine.must('chgrp influxdb /etc/influxdb/server.key && chmod 640 /etc/influxdb/server.key')
  await machine.write('/etc/influxdb/influxdb.conf', configuration)
  await machine.must('systemctl enable --now influxdb')
  const ask = async (statement: string, database: string, authorized = true) => {
    const credentials = Buffer.from(`admin:${secrets.influxdbAdmin}`).toString('base64')
    const { status, body } = await request(`https://${machine.address}:8086/query?epoch=ns&db=${database}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        ...(authorized && { Authorization: `Basic ${credentials}` }),
      },
      body: `q=${encodeURIComponent(statement)}`,
      ca: authority,
    })
    if (status !== 200) throw new Error(`InfluxDB answered ${status} to ${statement}: ${body}`)
    return seriesOf(body)
  }
  const ping = () => request(`https://${machine.address}:8086/ping`, { ca: authority }).then(isUp, () => false)
  const isUp = ({ status }: { status: number }) => status === 204
  await until(60_000, ping, () => machine.must('journalctl -u influxdb -n 30'))
  await ask(`CREATE USER admin WITH PASSWORD '${secrets.influxdbAdmin}' WITH ALL PRIVILEGES`, '', false)
  // Grafana cannot be had; its unit can, and what Ansible does to that is what is asked here.
  await machine.write(
    '/etc/systemd/system/grafana-server.service',
    '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n',
  )
  await machine.must('groupadd --system grafana && systemctl enable --now grafana-server')
  return {
    authority,
    query: async (statement, database = '') => rowsOf(await ask(statement, database)),
    points: async (database, measurement) => pointsOf(await ask(`SELECT * FROM "${measurement}" GROUP BY *`, database)),
  }
}

const configuration = `reporting-disabled = true
bind-address = "127.0.0.1:8088"
[meta]
  dir = "/var/lib/influxdb/meta"
[data]
  dir = "/var/lib/influxdb/data"
  wal-dir = "/var/lib/influxdb/wal"
[http]
  bind-address = ":8086"
  auth-enabled = true
  https-enabled = true
  https-certificate = "/etc/influxdb/server.pem"
  https-private-key = "/etc/influxdb/server.key"
`

async function makeCertificate(folder: string, address: string) {
  const file = (name: string) => join(folder, name)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const authority = [
    '-x509',
    '-subj',
    '/CN=Laboratory',
    '-days',
    '2',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
  ]
  await must('openssl', ['req', ...key, ...authority])
  await must('openssl', ['req', ...key, '-subj', `/CN=${statsName}`, '-keyout', file('s.key'), '-out', file('s.csr')])
  await writeFile(file('s.ext'), `subjectAltName = DNS:${statsName}, IP:${address}\nbasicConstraints = CA:FALSE\n`)
  const signer = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2']
  await must('openssl', [
    'x509',
    '-req',
    '-in',
    file('s.csr'),
    ...signer,
    '-extfile',
    file('s.ext'),
    '-out',
    file('s.pem'),
  ])
  const read = (name: string) => readFile(file(name), 'utf8')
  return { authority: await read('ca.pem'), certificate: await read('s.pem'), key: await read('s.key') }
}
