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
           the keys by which senders of events are known; a key is shown once. A SCOPE is events:write:CATEGORY,
           events:write:*, events:read, probes:read or probes:write
  dead     list [--destination NAME] [--since WHEN] | show ID... | replay --destination NAME [--since WHEN] [ID...]
           [--config FILE] [--json]
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

/** What is printed of a command: its part and what all have in common; of what is none, everything. */
export function usageOf(command: string): string {
  const lines = usage.split('\n')
  const begin = lines.findIndex((line) => command !== '' && line.startsWith(`  ${command} `))
  if (begin < 0) return usage
  const length = lines.slice(begin + 1).findIndex((line) => !line.startsWith('    '))
  const common = lines.findIndex((line) => line.startsWith('FILE is'))
  return [...lines.slice(begin, begin + 1 + length), '', ...lines.slice(common)].join('\n')
}
