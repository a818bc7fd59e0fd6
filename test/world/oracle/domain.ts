// Contract, section 3: the tag `domain`.

/** Where a request says that it comes from: the host that was asked, where the log shows it, and the page before. */
export type Whereabouts = { referer: string; host?: string | undefined }

/**
 * The lab that a request came from.
 *
 * Contract open, and not met in a generated world: a `$host` that is a host but not under `domains`, a Referer of
 * another scheme (`android-app://...`), a host with a dot at its end, `www.` twice, a host without a scheme,
 * backslashes in an address.
 */
export function domainOf(from: Whereabouts, domains: readonly string[], isRefused: boolean): string {
  const host = from.host === undefined || from.host === '-' ? hostOf(from.referer) : hostOf(`http://${from.host}`)
  if (host === undefined) return 'unknown'
  if (domains.includes(host)) return host
  // Anybody can send a Referer: only an accepted request may bring in a name that is not listed itself.
  return !isRefused && domains.some((domain) => host.endsWith(`.${domain}`)) ? host : 'other'
}

function hostOf(referer: string): string | undefined {
  if (!/^https?:\/\//i.test(referer) || !URL.canParse(referer)) return undefined
  const { hostname } = new URL(referer)
  return hostname.replace(/^www\./, '') || undefined
}
