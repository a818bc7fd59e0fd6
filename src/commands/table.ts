import type { parseArgs } from 'node:util'
import { Misconfigured } from '../base/errors.ts'
import { parseWhen } from './when.ts'

/** Every option, whichever command takes it. */
export const options = {
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

export type Option = keyof typeof options

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

/** What was asked for on the command line. */
export interface Asked {
  values: Values
  /** What stands behind the command. */
  rest: string[]
  config: string
  json: boolean
  dryRun: boolean
}

interface Command {
  takes: Option[]
  /** What its arguments are called, where it takes any. */
  positional?: string
  run: (asked: Asked) => Promise<number>
}

/** Each loads what it needs when it is asked for: no command pays for the others. */
export const commands: Record<string, Command> = {
  collect: {
    takes: ['stdin', 'dry-run'],
    run: async ({ config, values, dryRun }) =>
      (await import('./collect.ts')).collect({ config, stdin: values.stdin ?? false, dryRun }),
  },
  backfill: {
    takes: ['since', 'until', 'patience', 'dry-run', 'json'],
    positional: 'FILE',
    run: async ({ config, values, rest, dryRun, json }) => {
      const sinceMs = whenOf(values.since, 'since') ?? Number.NEGATIVE_INFINITY
      const untilMs = whenOf(values.until, 'until') ?? Number.POSITIVE_INFINITY
      const patienceMs = patienceOf(values.patience)
      const { backfill } = await import('./backfill.ts')
      return backfill({ config, paths: rest, sinceMs, untilMs, patienceMs, dryRun, json })
    },
  },
  check: {
    takes: ['offline', 'json'],
    run: async ({ config, values, json }) =>
      (await import('./check.ts')).check({ config, offline: values.offline ?? false, json }),
  },
  serve: {
    takes: [],
    run: async ({ config }) => (await import('./serve.ts')).serve(config),
  },
  work: {
    takes: ['destination'],
    run: async ({ config, values }) => {
      const destination = destinationOf(values.destination, 'work')
      return (await import('./work.ts')).work({ config, destination })
    },
  },
  dead: {
    takes: ['destination', 'since', 'json'],
    positional: 'list, show or replay',
    run: async ({ config, values, rest, json }) => {
      const sinceMs = whenOf(values.since, 'since') ?? Number.NEGATIVE_INFINITY
      const { dead } = await import('./dead.ts')
      return dead({ config, words: rest, destination: values.destination ?? null, sinceMs, json })
    },
  },
  pause: { takes: ['destination'], run: (asked) => setPaused(asked, 'pause') },
  resume: { takes: ['destination'], run: (asked) => setPaused(asked, 'resume') },
  status: {
    takes: ['json'],
    run: async ({ config, json }) => (await import('./status.ts')).status({ config, json }),
  },
  key: {
    takes: ['source', 'scope', 'expires', 'json'],
    positional: 'create, list or revoke',
    run: async ({ config, values, rest, json }) => {
      const { source, scope: scopes = [], expires } = values
      return (await import('./key.ts')).key({ config, words: rest, source, scopes, expires, json })
    },
  },
  decode: {
    takes: [],
    positional: 'ID',
    run: async ({ config, rest }) => (await import('./decode.ts')).decode(config, rest),
  },
  explain: {
    takes: ['json'],
    positional: 'ID',
    run: async ({ config, rest, json }) => (await import('./explain.ts')).explain({ config, ids: rest, json }),
  },
  audit: {
    takes: ['since', 'until', 'repair', 'patience', 'json'],
    run: async ({ config, values, json }) => {
      const sinceMs = whenOf(values.since, 'since')
      if (sinceMs === null) throw new Misconfigured(['audit needs --since WHEN'])
      const untilMs = whenOf(values.until, 'until')
      const patienceMs = patienceOf(values.patience)
      const { audit } = await import('./audit.ts')
      return audit({ config, sinceMs, untilMs, repair: values.repair ?? false, patienceMs, json })
    },
  },
  probe: {
    takes: ['once', 'json'],
    run: async ({ config, values, json }) =>
      (await import('./probe.ts')).probe({ config, once: values.once ?? false, json }),
  },
}

const patienceSeconds = 60

async function setPaused({ config, values }: Asked, command: 'pause' | 'resume'): Promise<number> {
  const destination = destinationOf(values.destination, command)
  return (await import('./dead.ts')).setPaused(config, destination, command === 'pause')
}

function whenOf(text: string | undefined, option: string): number | null {
  return text === undefined ? null : parseWhen(text, option)
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
