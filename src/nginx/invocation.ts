import type { LoggedRequest } from './log_format.ts'

/** The id in the path of a request that invokes a workflow: an encoded id, a UUID, or anything that a client sent. */
export interface InvocationPath {
  id: string
  /** `?instance=true`: the id is a revision's, not a stored workflow's. */
  instance: boolean
}

const tail = /^\/api\/workflows\/([^/?#]+)\/(?:invocations|usage)\/?$/
const absolute = /^https?:\/\/[^/?#]*/i
const truths = new Set(['true', 'yes', 'on', '1'])

/**
 * The two paths that invoke a workflow, by POST (galaxyproject/galaxy, lib/galaxy/webapps/galaxy/api/workflows.py);
 * `null` for every other request.
 *
 * @param prefix the path that Galaxy is served under, without a slash at its end
 */
export function invocationPath(request: LoggedRequest, prefix: string): InvocationPath | null {
  if (request.method !== 'POST') return null
  const target = request.target.replace(absolute, '')
  const queryAt = target.indexOf('?')
  const path = queryAt < 0 ? target : target.slice(0, queryAt)
  if (!path.startsWith(prefix)) return null
  const id = tail.exec(path.slice(prefix.length))?.[1]
  if (id === undefined) return null
  const flag = queryAt < 0 ? null : new URLSearchParams(target.slice(queryAt + 1)).get('instance')
  return { id, instance: flag !== null && truths.has(flag.toLowerCase()) }
}
