import './base/young_generation.ts'
import { parseArgs } from 'node:util'
import { Failed, Misconfigured, messageOf, Unavailable } from './base/errors.ts'
import { commands, type Option, options } from './commands/table.ts'
import { usageOf } from './commands/usage.ts'

/** Put in by the build. */
declare const PROGRAM_VERSION: string

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parse(args)
  if (values.version) {
    process.stdout.write(`${PROGRAM_VERSION}\n`)
    return 0
  }
  if (values.help) {
    process.stdout.write(usageOf(positionals[0] ?? ''))
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
