import type { MiddlewareHandler } from 'hono'

/** Nothing but this program's own page may run, and nobody else's page may look into it. */
const headers = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

/** Sets the headers of every answer, and refuses what is not for this server or would change something of the page. */
export function guard(listenHost: string, publicUrl: string | null): MiddlewareHandler {
  const publicHost = publicUrl === null ? null : hostnameOf(new URL(publicUrl).host)
  return async (context, next) => {
    const host = hostnameOf(context.req.header('host') ?? '')
    if (isLoopback(listenHost) && !(host !== null && (isLoopback(host) || host === publicHost))) {
      context.res = context.json(
        { error: 'Host: is no name of this machine. Set serve.public_url to the address that a proxy gives it' },
        421,
      )
    } else if (!['GET', 'HEAD'].includes(context.req.method) && !isApi(context.req.path)) {
      context.res = context.json({ error: 'Only GET and HEAD are answered' }, 405, { Allow: 'GET, HEAD' })
    } else {
      await next()
    }
    for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value)
  }
}

/** Its routes say themselves what they answer. A stranger's page can do nothing there, for it has no key. */
function isApi(path: string): boolean {
  return path.startsWith('/v1/')
}

/** Without the port; an IPv6 address without its brackets. */
function hostnameOf(host: string): string | null {
  const url = URL.parse(`http://${host}`)
  return url === null || url.hostname === '' ? null : url.hostname.replace(/^\[|\]$/g, '')
}

/**
 * A page of a stranger can make its own host's name mean 127.0.0.1 (DNS rebinding), and would then read everything as its
 * own. What it cannot do is to make a browser send another name.
 */
function isLoopback(host: string): boolean {
  return /^127(?:\.\d{1,3}){3}$/.test(host) || host === '::1' || /^(?:.+\.)?localhost$/i.test(host)
}
