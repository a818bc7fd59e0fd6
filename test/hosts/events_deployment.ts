// The proof that the playbooks of the hub and of the probes do what they promise, on six booted hosts.
// scripts/test_hosts.ts runs it: with the image, RabbitMQ's layer over it, and the archive of `npm run package`.
import tap from 'tap'
import { openEventsSite } from './events_site.ts'
import { hubFaults } from './hub_faults.ts'
import { hubFirstRun } from './hub_first_run.ts'
import { hubSwitches } from './hub_switches.ts'
import { hubWellBeing } from './hub_well_being.ts'
import { stations } from './stations.ts'

const [image = '', layer = '', archive = ''] = process.argv.slice(2)

const startedMs = performance.now()
const site = await openEventsSite(image, layer, archive)
tap.setTimeout(1_800_000)
tap.teardown(async () => {
  if (!tap.passing())
    for (const { name, shell } of site.machines) {
      const { stdout } = await shell(`systemctl --no-pager --failed; journalctl --no-pager -n 40 -u 'workflow-*'`)
      tap.comment(`${name}\n${stdout}`)
    }
  await site.close()
})
tap.comment(`six hosts booted and set up in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`)

hubFirstRun(site)
hubFaults(site)
stations(site)
hubWellBeing(site)
hubSwitches(site)
