/** What this program is to do on a host. */
export interface Parts {
  /** `collect`, and what reads logs and Galaxy's database beside it. */
  collector: boolean
  /** `serve` with events, and `work`. */
  hub: boolean
  probe: boolean
}

/**
 * What a configuration makes of a host, by what it names, mistakes included: a collector by Galaxy's `id_secret` or an
 * access log, and where it names nothing else, either. An address of a database alone makes none: it may stand in a file
 * of secrets that hosts share.
 */
export function partsOf({ galaxy, nginx, events, probe }: Record<string, unknown>): Parts {
  const others = { hub: events !== undefined, probe: probe !== undefined }
  const isNamed = has(galaxy, 'id_secret') || has(nginx, 'access_log')
  return { collector: isNamed || !(others.hub || others.probe), ...others }
}

function has(section: unknown, key: string): boolean {
  return typeof section === 'object' && section !== null && (section as Record<string, unknown>)[key] !== undefined
}
