// Writes the role's dashboards and alert rules, and their page in docs/: `npm run dashboards`.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { dashboardFiles } from '../dashboards/files.ts'

for (const [path, text] of dashboardFiles()) {
  const file = join(import.meta.dirname, '..', path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
