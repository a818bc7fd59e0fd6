/** Which lab's site a request came from. */
export interface SiteSettings {
  /** Hosts that keep their names, and whose subdomains do. */
  domains: string[]
  /** How many subdomains that are not listed themselves are ever kept. */
  maxDomains: number
}

/** The tag's values that are no host. A request without any host has the first, one from elsewhere the second. */
export const unknownDomain = 'unknown'
const other = 'other'

const hostShape = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/

/** A host as a tag shows it: lower case, no port, no `www.`; `null` where the text is no host. */
export function normalizeHost(text: string): string | null {
  const address = /^\[[0-9a-f:.]+\](?::\d*)?$/i.test(text)
  if (address) return text.toLowerCase().replace(/\]:\d*$/, ']')
  const host = text
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/\.$/, '')
    .replace(/^www\.(?=.)/, '')
  return hostShape.test(host) ? host : null
}

function refererHost(referer: string): string | null {
  if (!/^https?:\/\//i.test(referer) || !URL.canParse(referer)) return null
  return normalizeHost(new URL(referer).hostname)
}

/** The host that a request tells: the server's own word goes before the Referer, which a client chooses. */
export function siteHost(host: string | null, referer: string | null): string | null {
  return (host === null ? null : normalizeHost(host)) ?? (referer === null ? null : refererHost(referer))
}

/**
 * The `domain` tag of a host.
 *
 * @param keep asked of a subdomain that is not listed itself: whether it may keep its name
 */
export function domainOf(host: string | null, settings: SiteSettings, keep: (host: string) => boolean): string {
  if (host === null) return unknownDomain
  if (settings.domains.includes(host)) return host
  if (!settings.domains.some((domain) => host.endsWith(`.${domain}`))) return other
  return keep(host) ? host : other
}
