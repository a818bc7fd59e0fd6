import { resolve } from 'node:path'
import type { Check } from '../probing/check.ts'
import type { DestinationSettings } from './destinations.ts'
import type { Settings } from './schema.ts'

/** The same settings, with paths that are relative to a folder made absolute. */
export function absolute(settings: Settings, folder: string): Settings {
  const { nginx, influxdb, events, probe, hub } = settings
  return {
    ...settings,
    state_dir: resolve(folder, settings.state_dir),
    store: settings.store === null ? null : resolve(folder, settings.store),
    nginx: {
      ...nginx,
      access_log: nginx.access_log?.map((path) => resolve(folder, path)),
      rotated: nginx.rotated.map((pattern) => resolve(folder, pattern)),
    },
    influxdb: withFiles(influxdb, ['ca_file'], folder),
    ...(events !== undefined && {
      events: {
        ...events,
        file: resolve(folder, events.file),
        rabbitmq: events.rabbitmq === null ? null : withFiles(events.rabbitmq, ['ca_file'], folder),
        destinations: eachWithFiles<DestinationSettings>(events.destinations, ['ca_file'], folder),
      },
    }),
    ...(probe !== undefined && {
      probe: {
        ...probe,
        spool: resolve(folder, probe.spool),
        checks: eachWithFiles<Check>(probe.checks, ['ca_file', 'access_log'], folder),
      },
    }),
    ...(hub !== undefined && { hub: withFiles(hub, ['ca_file'], folder) }),
  }
}

/** What stands under one of the names is a file's path, where it is a text. */
function withFiles<T extends object>(section: T, names: string[], folder: string): T {
  const files = Object.entries(section).filter(([name, path]) => names.includes(name) && typeof path === 'string')
  return { ...section, ...Object.fromEntries(files.map(([name, path]) => [name, resolve(folder, path)])) }
}

function eachWithFiles<T extends object>(sections: Record<string, T>, names: string[], folder: string) {
  return Object.fromEntries(Object.entries(sections).map(([name, it]) => [name, withFiles(it, names, folder)]))
}
