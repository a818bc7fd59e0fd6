// Which requests invoke a workflow: two paths, by POST, and nothing that only resembles them.
import t from 'tap'
import { invocationPath } from '../../../src/nginx/invocation.ts'
import type { LoggedRequest } from '../../../src/nginx/log_format.ts'

const id = '8a3f0bd1c9d7e642'

function asked(target: string, { method = 'POST', prefix = '' } = {}) {
  const request: LoggedRequest = {
    timeMs: 0,
    durationMs: null,
    method,
    target,
    status: 200,
    host: null,
    referer: null,
  }
  return invocationPath(request, prefix)
}

const plain = { id, instance: false }

t.test('the two paths, with and without a slash and a query', async (t) => {
  for (const end of ['invocations', 'usage'])
    for (const rest of ['', '/', '?', '?key=secret', '/?a=b', '?a=/api/workflows/x/invocations'])
      t.same(asked(`/api/workflows/${id}/${end}${rest}`), plain, end + rest)
  const uuid = '6f9619ff-8b86-d011-b42d-00c04fc964ff'
  t.same(asked(`/api/workflows/${uuid}/invocations`), { id: uuid, instance: false })
  t.same(asked('/api/workflows/anything at all/invocations'), { id: 'anything at all', instance: false })
})

t.test('other methods', async (t) => {
  for (const method of ['GET', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'post', 'POSTS', ''])
    t.equal(asked(`/api/workflows/${id}/invocations`, { method }), null, method)
})

t.test('other paths', async (t) => {
  const others = [
    `/api/workflows/${id}`,
    `/api/workflows/${id}/`,
    `/api/workflows/${id}/invocations/${id}`,
    `/api/workflows/${id}/invocations/${id}/steps/${id}`,
    `/api/workflows/${id}/invocations//`,
    `/api/workflows/${id}/invocationsx`,
    `/api/workflows/${id}/Invocations`,
    `/api/workflows/${id}/usages`,
    `/api/workflows/${id}/x/invocations`,
    '/api/workflows//invocations',
    '/api/workflows/invocations',
    `/api/workflow/${id}/invocations`,
    `/api/invocations/${id}`,
    `//api/workflows/${id}/invocations`,
    `/x/api/workflows/${id}/invocations`,
    `api/workflows/${id}/invocations`,
    `/?/api/workflows/${id}/invocations`,
    `/x?y=/api/workflows/${id}/invocations`,
    `/workflows/run?id=${id}`,
    '/api/workflow_landings',
    `/api/workflows/${id}/download`,
    '*',
    '',
  ]
  for (const target of others) t.equal(asked(target), null, target)
})

t.test('the path that Galaxy is served under', async (t) => {
  const path = `/api/workflows/${id}/invocations`
  t.same(asked(`/galaxy${path}`, { prefix: '/galaxy' }), plain)
  t.same(asked(`/a/b${path}?x`, { prefix: '/a/b' }), plain)
  t.equal(asked(path, { prefix: '/galaxy' }), null)
  t.equal(asked(`/galaxy2${path}`, { prefix: '/galaxy' }), null)
  t.equal(asked(`/x/galaxy${path}`, { prefix: '/galaxy' }), null)
  t.equal(asked(`/galaxy${path}`), null)
})

t.test('an absolute address is a request like any other', async (t) => {
  t.same(asked(`http://usegalaxy.org.au/api/workflows/${id}/invocations`), plain)
  t.same(asked(`HTTPS://usegalaxy.org.au:443/api/workflows/${id}/usage/?a`), plain)
  t.equal(asked(`http://evil.org?/api/workflows/${id}/invocations`), null)
  t.equal(asked(`ftp://usegalaxy.org.au/api/workflows/${id}/invocations`), null)
})

t.test('the query that makes the id a revision', async (t) => {
  const path = `/api/workflows/${id}/invocations`
  for (const value of ['true', 'True', 'TRUE', 'yes', 'YES', 'on', 'On', '1'])
    t.same(asked(`${path}?instance=${value}`), { id, instance: true }, value)
  t.same(asked(`${path}/?a=b&instance=true&c`), { id, instance: true })
  for (const query of ['instance=false', 'instance=0', 'instance=', 'instance', 'instance=2', 'instance=no'])
    t.same(asked(`${path}?${query}`), plain, query)
  for (const query of ['x=instance=true', 'not_instance=true', 'Instance=true', '%'])
    t.same(asked(`${path}?${query}`), plain, query)
})
