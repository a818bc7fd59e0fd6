import type { Random } from './random.ts'

/** What nginx's `combined` format tells of a request, its time aside. */
export interface Request {
  address: string
  method: string
  /** With its query. */
  path: string
  status: number
  bytesSent: number
  referer: string | null
  agent: string
}

const browsers = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
]
const script = 'bioblend/1.5.0'
const documentationNetworks = ['192.0.2', '198.51.100', '203.0.113']

export function inBrowser(
  random: Random,
  site: string,
  request: Pick<Request, 'method' | 'path' | 'status'>,
  page = '/',
): Request {
  return {
    ...request,
    address: addressOf(random),
    bytesSent: random.between(150, 4200),
    referer: `https://${site}${page}`,
    agent: random.pick(browsers),
  }
}

/** A person's own program does not say from which site it comes. */
export function byScript(random: Random, request: Pick<Request, 'method' | 'path' | 'status'>): Request {
  return { ...request, address: addressOf(random), bytesSent: random.between(150, 4200), referer: null, agent: script }
}

/** Any request that invokes no workflow, though some come near to it. */
export function otherRequest(random: Random, site: string, workflowId: string): Request {
  const hex = random.hexDigits(16)
  const [method, path, status] = random.pick<[string, string, number]>([
    ['GET', `/api/histories/${hex}?v=dev&view=summary`, 200],
    ['GET', `/api/histories/${hex}/contents?v=dev&order=hid&limit=100`, 200],
    ['GET', `/api/jobs/${hex}?full=true`, 200],
    ['POST', '/api/tools/fetch', 200],
    ['POST', '/api/tools', 200],
    ['PUT', `/api/histories/${hex}/contents/datasets/${hex}`, 200],
    ['GET', `/api/datasets/${hex}/display?to_ext=txt`, 200],
    ['GET', '/static/dist/analysis.bundled.js', 304],
    ['GET', '/api/workflows?skip_step_counts=true&limit=24', 200],
    ['GET', `/workflows/run?id=${workflowId}`, 200],
    ['GET', `/api/workflows/${workflowId}/download?style=run`, 200],
    ['GET', `/api/workflows/${workflowId}/invocations?limit=10`, 200],
    ['GET', `/api/invocations/${hex}/jobs_summary`, 200],
    ['POST', `/api/workflows/${workflowId}/invocations/${hex}/report`, 405],
    ['GET', '/wp-login.php', 404],
  ])
  return inBrowser(random, site, { method, path, status }, '/histories/view')
}

function addressOf(random: Random): string {
  return `${random.pick(documentationNetworks)}.${random.between(1, 254)}`
}
