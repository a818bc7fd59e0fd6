// The proof that the playbooks do what they promise, on two booted hosts. scripts/test_hosts.ts runs it: with the
// image, the archive of `npm run package`, and perhaps the names of parts, which are then all that follows the first run.
import tap from 'tap'
import { disturbances } from './disturbances.ts'
import { firstRun } from './first_run.ts'
import { openSite } from './site.ts'
import { switches } from './switches.ts'
import { wellBeing } from './well_being.ts'
import { wrongConfiguration } from './wrong_configuration.ts'

const parts = { wrongConfiguration, disturbances, wellBeing, switches }
const [image = '', archive = '', ...chosen] = process.argv.slice(2)

const startedMs = performance.now()
const site = await openSite(image, archive)
tap.setTimeout(3_600_000)
tap.teardown(async () => {
  if (!tap.passing()) tap.comment(await site.account())
  await site.close()
})
const bootSeconds = (performance.now() - startedMs) / 1000
tap.comment(`two hosts booted and set up in ${bootSeconds.toFixed(0)} s`)

firstRun(site, bootSeconds)
for (const [name, part] of Object.entries(parts)) if (chosen.length === 0 || chosen.includes(name)) part(site)
