// A Galaxy site of two booted hosts, as it is before any playbook of ours has run.
import { type Ansible, prepareAnsible } from './ansible.ts'
import { compare, type Difference } from './count.ts'
import { databaseUrl, galaxyName, setUpGalaxy } from './galaxy_site.ts'
import { openLaboratory } from './laboratory.ts'
import type { Machine } from './machine.ts'
import { makeSecrets, type Secrets } from './secrets.ts'
import { type StatsSite, setUpStats, statsName } from './stats_site.ts'
import { type Traffic, trafficTo } from './traffic.ts'

export const unit = 'collect-workflow-invocations'

export type Site = {
  folder: string
  galaxy: Machine
  stats: Machine
  influxdb: StatsSite
  ansible: Ansible
  traffic: Traffic
  secrets: Secrets
  /** What must be 0 is missing, extra and wrong. */
  count(options?: { timeoutMs?: number }): Promise<Difference>
  /** A property of the collector's unit, as systemd tells it. */
  property(name: string): Promise<string>
  /** What the hosts say of themselves, for whoever looks into a failure. */
  account(): Promise<string>
  close(): Promise<void>
}

export async function openSite(image: string, archive: string): Promise<Site> {
  const secrets = makeSecrets()
  const laboratory = await openLaboratory(image)
  const [galaxy, stats] = await Promise.all([laboratory.boot(galaxyName, 11), laboratory.boot(statsName, 12)])
  const influxdb = await setUpStats(stats, laboratory.folder, secrets)
  await setUpGalaxy(galaxy, stats, influxdb.authority, secrets)
  await stats.must(`echo '${stats.address} ${statsName}' >> /etc/hosts`)
  const traffic = trafficTo(galaxy, secrets.idSecret)
  return {
    folder: laboratory.folder,
    galaxy,
    stats,
    influxdb,
    ansible: await prepareAnsible(laboratory, [galaxy, stats], vaultVariables(secrets), archive),
    traffic,
    secrets,
    count: (options) => compare(influxdb, traffic.expected, options),
    property: async (name) => (await galaxy.must(`systemctl show --value -p ${name} ${unit}`)).trim(),
    account: async () => {
      const status = `systemctl status --no-pager -l ${unit}; journalctl --no-pager -n 60 -u ${unit}`
      const log = 'tail -n 5 /var/log/nginx/access.log'
      return (await galaxy.shell(`${status}; ${log}`)).stdout
    },
    close: () => laboratory.close(),
  }
}

function vaultVariables(secrets: Secrets): Record<string, string> {
  return {
    vault_workflow_invocations_galaxy_database_url: databaseUrl(secrets),
    vault_workflow_invocations_galaxy_id_secret: secrets.idSecret,
    vault_workflow_invocations_influxdb_password: secrets.influxdbWriter,
    vault_workflow_invocations_grafana_password: secrets.influxdbReader,
    vault_influxdb_admin_password: secrets.influxdbAdmin,
  }
}
