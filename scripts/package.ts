// `npm run package`: one archive with the roles, the built program and the runtime, for other repositories' playbooks.
// ansible-galaxy takes it for a role, so a requirements.yml can name it; unpacked, its roles/ goes into roles_path.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const name = 'workflow-reporting'
const whole = [
  'roles',
  'playbooks',
  'host_vars',
  'group_vars',
  'inventory.yml',
  'ansible.cfg',
  'CHANGELOG.md',
  'LICENSE',
]
const platforms = ['linux-x64', 'linux-arm64']
const runtimeFiles = ['package.json', 'bin/node', 'LICENSE']

const readme = `# workflow-reporting, packaged

Ansible roles with all that they bring: the built program and the Node.js that it runs on.

- \`roles/galaxy-workflows-reporting\`: the collector on the Galaxy host
- \`roles/galaxy-workflows-stats\`: InfluxDB's database and Grafana's datasource, dashboards and alerts on the stats host
- \`roles/galaxy-workflows-events\`: the hub of events, its API and workers
- \`roles/galaxy-workflows-probes\`: a probe, on hosts in several regions
- \`roles/galaxy-workflows-rabbitmq\`: virtual host and user in the site's RabbitMQ, where the hub is to use one
- \`roles/galaxy-workflows-program\`: program, runtime, configuration, secrets and units, for the roles above that include it

Each has a README with its variables. \`playbooks/\`, \`inventory.yml\`, \`host_vars/\` and \`group_vars/\` are examples that
run once hosts and secrets are changed. From another repository, either unpack this archive and name its roles folder,

    roles_path = roles:workflow-reporting/roles

or let ansible-galaxy fetch it, with this in \`requirements.yml\`, and name \`roles/workflow-reporting/roles\` instead:

    roles:
      - name: workflow-reporting
        src: file:///path/to/workflow-reporting-VERSION.tar.gz
`

/** What ansible-galaxy looks for in an archive. */
const meta = `---
galaxy_info:
  role_name: workflow_reporting
  author: The authors of workflow-reporting
  description: A bundle; its roles are in roles/
  license: MIT
  min_ansible_version: "2.14"
  platforms: []
dependencies: []
`

process.chdir(join(import.meta.dirname, '..'))
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
const target = resolve(process.argv[2] ?? `dist/${name}-${version}.tar.gz`)
execFileSync(process.execPath, ['build.mjs'], { stdio: 'inherit' })

const folder = mkdtempSync(join(tmpdir(), `${name}-package-`))
try {
  const bundle = join(folder, name)
  const files = join(bundle, 'roles/galaxy-workflows-program/files')
  const isSecret = (path: string) => path.endsWith('/vault.yml')
  for (const part of whole) cpSync(part, join(bundle, part), { recursive: true, filter: (path) => !isSecret(path) })
  writeFileSync(join(bundle, 'README.md'), readme)
  mkdirSync(join(bundle, 'meta'))
  writeFileSync(join(bundle, 'meta/main.yml'), meta)
  mkdirSync(files, { recursive: true })
  cpSync('dist/workflow-reporting.mjs', join(files, 'workflow-reporting.mjs'))
  // npm installs the runtime of this machine's platform; `npm ci --os=linux --cpu=arm64` that of another.
  const found = platforms.filter((platform) => existsSync(`node_modules/node-${platform}/bin/node`))
  if (found.length === 0)
    throw new Error(`node_modules has none of ${platforms.map((it) => `node-${it}`).join(', ')}: run npm ci on Linux`)
  for (const platform of found)
    for (const file of runtimeFiles)
      cpSync(`node_modules/node-${platform}/${file}`, join(files, `node-${platform}`, file))
  // The same contents make the same archive.
  const order = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=u+rwX,go+rX,go-w']
  execFileSync('tar', ['-C', folder, ...order, '--use-compress-program=gzip -n', '-cf', target, name])
  console.log(`${target}: the roles, ${name} ${version}, Node.js for ${found.join(' and ')}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
