// The linters' word on roles and playbooks: Debian's versions, and the newest that PyPI gives this machine's Python.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { run } from '../../test/hosts/command.ts'

export type Verdict = { name: string; output: string; status: 'passed' | 'failed' | 'not run' }

const linters = [
  ['yamllint', '--strict', '.'],
  ['ansible-lint', '--nocolor', '--offline'],
] as const
/** Newer versions of Ansible ask for newer ones of Python. */
const pythons = ['python3.14', 'python3.13', 'python3.12', 'python3']

export async function lintRoles(say: (text: string) => void): Promise<Verdict[]> {
  const verdicts = await lint('this machine', process.env)
  const folder = await mkdtemp(join(tmpdir(), 'workflow-reporting-lint-'))
  try {
    const path = `${folder}/bin${delimiter}${process.env.PATH}`
    const obstacle = await installNewest(folder)
    if (obstacle === undefined) return [...verdicts, ...(await lint('PyPI', { ...process.env, PATH: path }))]
    say(`The newest Ansible was left out: ${obstacle}`)
    return [...verdicts, { name: 'the newest linters from PyPI', output: obstacle, status: 'not run' }]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function lint(origin: string, env: NodeJS.ProcessEnv): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  const ansible = await run('ansible', ['--version'], { env })
  const version = ansible.stdout.match(/core ([\d.]+)/)?.[1]
  for (const [program, ...args] of linters) {
    const { status, stdout, stderr } = await run(program, args, { env, timeoutMs: 300_000 })
    const name = `${program} of ${origin}, with ansible-core ${version}`
    verdicts.push({ name, output: stdout + stderr, status: status === 0 ? 'passed' : 'failed' })
  }
  return verdicts
}

/** Into a throwaway environment; says why where that cannot be had. */
async function installNewest(folder: string): Promise<string | undefined> {
  let obstacle = 'there is no Python'
  for (const python of pythons) {
    const made = await run(python, ['-m', 'venv', '--clear', folder]).catch(() => null)
    if (made === null) continue
    if (made.status === 0) {
      const install = ['install', '--quiet', 'ansible-core', 'ansible-lint', 'yamllint']
      const installed = await run(join(folder, 'bin/pip'), install, { timeoutMs: 300_000 })
      if (installed.status === 0) return undefined
      obstacle = installed.stderr
    } else obstacle = made.stderr || made.stdout
  }
  return obstacle.trim().split('\n').at(-1)
}
