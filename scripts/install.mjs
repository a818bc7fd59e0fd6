// Installs the packages of the lock file where they are missing or stale, so that `npm start` and `npm test` work on a
// bare clone. Runs on whatever Node.js the machine has, because the pinned one is among the packages.
import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'

const installed = 'node_modules/.package-lock.json'
const stale = !existsSync(installed) || statSync(installed).mtimeMs < statSync('package-lock.json').mtimeMs
if (stale) {
  console.error('Installing the packages of package-lock.json ...')
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { stdio: ['ignore', 2, 2] })
}
