import './base/young_generation.ts'
import { parseArgs } from 'node:util'
import { Failed, Misconfigured, messageOf, Unavailable } from './base/errors.ts'
import { commands, type Option, options } from './commands/table.ts'

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

  return known.run({
    values,
    rest,
    config: values.config ?? `${import.meta.dirname}/config.yml`,
    json: values.json ?? false,
    dryRun: values['dry-run'] ?? false,
  })
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    const unknown = /^Unknown option '(--?[^']*)'/.exec(messageOf(error))?.[1]
    throw new Misconfigured([
      unknown === undefined
        ? `${messageOf(error)} --help lists the options`
        : `${unknown}: no such option. --help lists them`,
    ])
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
