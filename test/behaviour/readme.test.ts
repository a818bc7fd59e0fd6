// An operator follows the README to the letter: its SQL, its two files, then `check`.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startInfluxdb } from '../services/influxdb.ts'
import { needs } from '../services/needed.ts'
import { startPostgres } from '../services/postgres.ts'
import { run } from '../services/program.ts'
import { temporaryFolder } from '../services/temporary.ts'

const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8')

/** The README's code blocks in a language, in their order. */
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\``, 'gms'))].map(([, , text = '']) => text)

t.test('what the README says is enough', needs('postgres', 'influxd'), async (t) => {
  const [grants = '', influxql = ''] = blocks('sql')
  const [config = '', secret = ''] = blocks('yaml')
  await using folder = await temporaryFolder('readme')
  await using galaxy = await startPostgres()
  await galaxy.createGalaxyDatabase('galaxy')
  await galaxy.sql('galaxy').unsafe(grants)
  await using influxdb = await startInfluxdb()
  for (const statement of influxql.trim().split('\n')) await influxdb.query('', statement)

  const moved = (text: string) =>
    text
      .replaceAll('/var/log/nginx', folder.path)
      .replaceAll('/var/lib', folder.path)
      .replace('https://stats.example.org:8086', influxdb.url)
      .replace('galaxy-db.example.org:5432', `127.0.0.1:${galaxy.port}`)
  await writeFile(folder.file('access.log'), '')
  await writeFile(folder.file('config.yml'), moved(config))
  await writeFile(folder.file('secret.yml'), moved(secret), { mode: 0o600 })

  const { status, stdout, stderr } = await run(['check', '--json'], { config: folder.file('config.yml') })
  t.same(
    JSON.parse(stdout).checks.filter(({ ok }: { ok: boolean }) => !ok),
    [],
  )
  t.equal(status, 0)
  t.equal(stderr, '', 'no warning')

  await galaxy.sql('galaxy').unsafe('REVOKE SELECT (name) ON stored_workflow FROM workflow_reporting')
  const lacking = await run(['check'], { config: folder.file('config.yml') })
  t.equal(lacking.status, 1)
  t.match(lacking.stdout, /FAIL +database .*stored_workflow.name may not be read.*README/)
})
