import './base/young_generation.ts'
import { parseArgs } from 'node:util'
import { Failed, Misconfigured, messageOf, Unavailable } from './base/errors.ts'
import { audit } from './commands/audit.ts'
import { backfill } from './commands/backfill.ts'
import { check } from './commands/check.ts'
import { collect } from './commands/collect.ts'
import { dead, setPaused } from './commands/dead.ts'
import { decode } from './commands/decode.ts'
import { explain } from './commands/explain.ts'
import { key } from './commands/key.ts'
import { serve } from './commands/serve.ts'
import { status } from './commands/status.ts'
import { parseWhen } from './commands/when.ts'
import { work } from './commands/work.ts'

/** Put in by the build. */
declare const PROGRAM_VERSION: string

const usage = `workflow-reporting counts Galaxy's workflow invocations, each exactly once.

  collect  [--config FILE] [--stdin] [--dry-run]
           follow the access logs and write points until stopped
  backfill [--config FILE] [--since WHEN] [--until WHEN] [--patience SECONDS] [--dry-run] [--json] FILE...
           read whole files, plain or .gz, then leave; safe to repeat
  check    [--config FILE] [--offline] [--json]
           try everything that the configuration names, and write nothing
  serve    [--config FILE]
           show in a browser what was counted, from the embedded store, and take events
  work     [--config FILE] --destination NAME
           deliver the events that RabbitMQ holds for one destination
  key      create --source NAME --scope SCOPE... [--expires WHEN] | list | revoke ID   [--config FILE] [--json]
           the keys by which senders of events are known; a key is shown once
  dead     [--config FILE] [--json] list | show ID... | replay --destination NAME [--since WHEN] [ID...]
           what could not be delivered, and why; replay has it delivered again
  pause    [--config FILE] --destination NAME
           deliver nothing to a destination; its events wait
  resume   [--config FILE] --destination NAME
           deliver to it again
  status   [--config FILE] [--json]
           what the running collector does, and what it waits for
  decode   [--config FILE] ID...
           the number behind each encoded id
  explain  [--config FILE] [--json] ID...
           what each id stands for, and why
  audit    [--config FILE] --since WHEN [--until WHEN] [--repair] [--patience SECONDS] [--json]
           compare the points with Galaxy's own table; --repair writes what is missing, once
  probe    [--config FILE] [--once [--json]]
           probe targets from here and send the results to a hub; --once looks at each once, and sends nothing

FILE is config.yml beside this program unless --config names another. WHEN is a date or an instant, in UTC unless it
says otherwise. Exit status: 0 all well, 1 something failed or was refused, 2 wrong arguments or configuration.
`

const options = {
  config: { type: 'string' },
  stdin: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  since: { type: 'string' },
  until: { type: 'string' },
  patience: { type: 'string' },
  json: { type: 'boolean' },
  destination: { type: 'string' },
  offline: { type: 'boolean' },
  repair: { type: 'boolean' },
  source: { type: 'string' },
  scope: { type: 'string', multiple: true },
  expires: { type: 'string' },
  once: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

type Option = keyof typeof options

/** The options that a command takes, and what its arguments are called where it takes any. */
const commands: Record<string, { takes: Option[]; positional?: string }> = {
  collect: { takes: ['stdin', 'dry-run'] },
  backfill: { takes: ['since', 'until', 'patience', 'dry-run', 'json'], positional: 'FILE' },
  check: { takes: ['offline', 'json'] },
  serve: { takes: [] },
  work: { takes: ['destination'] },
  dead: { takes: ['destination', 'since', 'json'], positional: 'list, show or replay' },
  pause: { takes: ['destination'] },
  resume: { takes: ['destination'] },
  status: { takes: ['json'] },
  key: { takes: ['source', 'scope', 'expires', 'json'], positional: 'create, list or revoke' },
  decode: { takes: [], positional: 'ID' },
  explain: { takes: ['json'], positional: 'ID' },
  audit: { takes: ['since', 'until', 'repair', 'patience', 'json'] },
  probe: { takes: ['once', 'json'] },
}

const patienceSeconds = 60

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parse(args)
  if (values.version) {
    process.stdout.write(`${PROGRAM_VERSION}\n`)
    return 0
  }
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const [command = '', ...rest] = positionals
  const known = Object.hasOwn(commands, command) ? commands[command] : undefined
  if (known === undefined) {
    throw new Misconfigured([`${command === '' ? 'no command' : `${command}: no such command`}. --help lists them`])
  }
  const foreign = (Object.keys(values) as Option[]).filter((name) => name !== 'config' && !known.takes.includes(name))
  if (foreign.length > 0)
    throw new Misconfigured(foreign.map((name) => `--${name}: ${command} has no such option. --help lists them`))
  if (known.positional === undefined && rest.length > 0)
    throw new Misconfigured([`${command} takes no argument such as ${rest[0]}`])
  if (known.positional !== undefined && rest.length === 0)
    throw new Misconfigured([`${command} needs ${known.positional}`])

  const config = values.config ?? `${import.meta.dirname}/config.yml`
  const dryRun = values['dry-run'] ?? false
  const json = values.json ?? false
  switch (command) {
    case 'collect':
      return collect({ config, stdin: values.stdin ?? false, dryRun })
    case 'backfill': {
      const sinceMs = values.since === undefined ? Number.NEGATIVE_INFINITY : parseWhen(values.since, 'since')
      const untilMs = values.until === undefined ? Number.POSITIVE_INFINITY : parseWhen(values.until, 'until')
      return backfill({ config, paths: rest, sinceMs, untilMs, patienceMs: patienceOf(values.patience), dryRun, json })
    }
    case 'check':
      return check({ config, offline: values.offline ?? false, json })
    case 'serve':
      return serve(config)
    case 'key': {
      const { source, scope: scopes = [], expires } = values
      return key({ config, words: rest, source, scopes, expires, json })
    }
    case 'work':
      return work({ config, destination: destinationOf(values.destination, command) })
    case 'dead': {
      const sinceMs = values.since === undefined ? Number.NEGATIVE_INFINITY : parseWhen(values.since, 'since')
      return dead({ config, words: rest, destination: values.destination ?? null, sinceMs, json })
    }
    case 'pause':
    case 'resume':
      return setPaused(config, destinationOf(values.destination, command), command === 'pause')
    case 'status':
      return status({ config, json })
    case 'audit': {
      if (values.since === undefined) throw new Misconfigured(['audit needs --since WHEN'])
      const sinceMs = parseWhen(values.since, 'since')
      const untilMs = values.until === undefined ? null : parseWhen(values.until, 'until')
      const patienceMs = patienceOf(values.patience)
      return audit({ config, sinceMs, untilMs, repair: values.repair ?? false, patienceMs, json })
    }
    case 'probe':
      // Only here: the other commands don't pay for what it needs.
      return (await import('./commands/probe.ts')).probe({ config, once: values.once ?? false, json })
    case 'decode':
      return decode(config, rest)
    default:
      return explain({ config, ids: rest, json })
  }
}

function destinationOf(name: string | undefined, command: string): string {
  if (name === undefined) throw new Misconfigured([`${command} needs --destination NAME`])
  return name
}

function patienceOf(text: string | undefined): number {
  const patienceMs = Number(text ?? patienceSeconds) * 1000
  if (!(patienceMs >= 0)) throw new Misconfigured([`--patience ${text}: is no number of seconds`])
  return patienceMs
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    throw new Misconfigured([`${messageOf(error)} --help lists the options`])
  }
}

// The InfluxDB library calls what Node.js warns about; an operator can do nothing with that.
process.noDeprecation = true

/** Whoever read standard output went away, as `head` does: there is nobody left to write for. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

/**
 * Our own fault. The place on disk is safe, so whoever started us may start us again. Only the stack is told: Node.js
 * would print all that hangs on an error, too, and that may be an address with its password.
 */
function tellFault(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
}

process.on('uncaughtException', (error) => {
  tellFault(error)
  process.exit(1)
})

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof Misconfigured) {
    process.stderr.write(`${error.mistakes.join('\n')}\n`)
    process.exitCode = 2
  } else if (error instanceof Failed || error instanceof Unavailable) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  } else {
    tellFault(error)
    process.exitCode = 1
  }
}
// Connections that hang must not hold up the end; what was printed must be out first.
process.stdout.write('', () => process.exit())
