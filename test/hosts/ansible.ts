// Runs the packaged playbooks as an operator does: from a repository of the site's own that has the archive in its
// requirements.yml, with the packaged inventory and host_vars, other addresses and secrets.
import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { must, type Outcome, run } from './command.ts'
import type { Laboratory } from './laboratory.ts'
import type { Machine } from './machine.ts'
import { authorityFile } from './stats_site.ts'

export type Playbook = 'galaxy' | 'stats' | 'events' | 'probes'
/** `fromCheckout`: from this repository as it stands, with what `npm ci` and the build put there. */
export type PlayOptions = { variables?: object; check?: boolean; fromCheckout?: boolean; tags?: string }
export type Played = Outcome & {
  /** From Ansible's recap, of all hosts. */
  ok: number
  changed: number
  failed: number
  seconds: number
}

export type Ansible = { play(playbook: Playbook, options?: PlayOptions): Promise<Played> }

/** Asserts that a play failed nowhere and, where a number is given, changed so much; else shows what it wrote. */
export function wentWell(
  t: Test,
  { failed, changed, stdout, stderr }: Played,
  expected: { changed?: number } = {},
): void {
  if (!t.match({ failed, changed }, { failed: 0, ...expected })) t.comment(`${stdout}${stderr}`.slice(-8000))
}

const checkout = join(import.meta.dirname, '../..')

/** @param vaultVariables what the site keeps encrypted, by the names of the variables */
export async function prepareAnsible(
  laboratory: Laboratory,
  machines: Machine[],
  vaultVariables: Record<string, string>,
  archive: string,
): Promise<Ansible> {
  const folder = join(laboratory.folder, 'ansible')
  mkdirSync(folder)
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 })
    return join(folder, name)
  }
  const env = {
    ...process.env,
    ANSIBLE_HOME: folder,
    ANSIBLE_LOCAL_TEMP: folder,
    // Connections that are kept open are found by address, and another test run has hosts with the same ones.
    ANSIBLE_SSH_CONTROL_PATH_DIR: join(folder, 'connections'),
    ANSIBLE_NOCOLOR: '1',
  }
  const repository = await makeRepository(folder, archive, env)
  const inventory = file('hosts.json', JSON.stringify(hosts(laboratory, machines)))
  const password = file('vault_password', randomBytes(12).toString('hex'))
  const vault = file('vault.json', JSON.stringify(vaultVariables))
  await must('ansible-vault', ['encrypt', '--vault-password-file', password, vault])
  return {
    async play(playbook, { variables = {}, check = false, fromCheckout = false, tags } = {}) {
      const started = performance.now()
      const places = ['-i', 'inventory.yml', '-i', inventory]
      const outcome = await run(
        'ansible-playbook',
        [
          `playbooks/${playbook}_playbook.yml`,
          ...places,
          ...['--vault-password-file', password, '-e', `@${vault}`, '-e', JSON.stringify(variables)],
          ...(check ? ['--check', '--diff'] : []),
          ...(tags === undefined ? [] : ['--tags', tags]),
        ],
        { cwd: fromCheckout ? checkout : repository, env, timeoutMs: 600_000 },
      )
      return { ...outcome, ...recapOf(outcome.stdout), seconds: (performance.now() - started) / 1000 }
    },
  }
}

/** Another repository, which takes the roles from the archive and begins with copies of the examples in it. */
async function makeRepository(folder: string, archive: string, env: NodeJS.ProcessEnv): Promise<string> {
  const repository = join(folder, 'repository')
  mkdirSync(repository)
  const requirements = `roles:\n  - name: workflow-reporting\n    src: file://${archive}\n`
  writeFileSync(join(repository, 'requirements.yml'), requirements)
  const galaxy = ['role', 'install', '-r', 'requirements.yml', '-p', 'roles']
  await must('ansible-galaxy', galaxy, { cwd: repository, env })
  const bundle = join(repository, 'roles/workflow-reporting')
  for (const part of ['playbooks', 'host_vars', 'group_vars', 'inventory.yml'])
    cpSync(join(bundle, part), join(repository, part), { recursive: true })
  const settings = readFileSync(join(bundle, 'ansible.cfg'), 'utf8')
  const rolesPath = 'roles_path = roles:roles/workflow-reporting/roles'
  writeFileSync(join(repository, 'ansible.cfg'), settings.replace(/^roles_path = .*$/m, rolesPath))
  return repository
}

/** Added to inventory.yml, which stays as operators get it. */
function hosts({ keyFile, knownHostsFile }: Laboratory, machines: Machine[]): object {
  const of = ({ address }: Machine) => ({
    ansible_host: address,
    ansible_user: 'ubuntu',
    ansible_python_interpreter: '/usr/bin/python3',
    ansible_ssh_private_key_file: keyFile,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${knownHostsFile}`,
    workflow_invocations_influxdb_ca_file: authorityFile,
  })
  return { all: { hosts: Object.fromEntries(machines.map((machine) => [machine.name, of(machine)])) } }
}

function recapOf(output: string): { ok: number; changed: number; failed: number } {
  const recap = output.slice(output.lastIndexOf('PLAY RECAP'))
  const count = (name: string) => {
    const counts = [...recap.matchAll(new RegExp(`\\b${name}=(\\d+)`, 'g'))].map(([, digits]) => Number(digits))
    return counts.length === 0 ? Number.NaN : counts.reduce((sum, one) => sum + one, 0)
  }
  return { ok: count('ok'), changed: count('changed'), failed: count('failed') + count('unreachable') }
}
