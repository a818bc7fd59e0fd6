import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type Region, regionHeader, regions } from './platform.ts'

export const regionNames = Object.keys(regions) as Region[]
/** Whose machine sleeps now and then. */
export const sleepingRegion: Region = 'us-west'
export const intervalSeconds = 10

interface Check {
  kind: 'http' | 'tcp' | 'nginx'
  /** Behind the platform's address; of `tcp` there is none. */
  path?: string
  settings?: Record<string, unknown>
  from: readonly Region[]
}

/** What is looked at, and from where. */
export const checks: Record<string, Check> = {
  'home-page': { kind: 'http', path: '/', settings: { body_text: 'Galaxy', page: true }, from: regionNames },
  api: { kind: 'http', path: '/api/version', from: regionNames },
  training: { kind: 'http', path: '/training-material/', from: regionNames },
  uploads: { kind: 'tcp', from: regionNames },
  nginx: { kind: 'nginx', path: '/nginx_status', from: ['australia'] },
}

/** @param port of the platform */
export function targetOf({ kind, path }: Check, port: number): string {
  return kind === 'tcp' ? `127.0.0.1:${port}` : `http://127.0.0.1:${port}${path}`
}

/** Writes the configuration of a region's probe, in a folder of its own. @returns its path */
export async function configureProbe(
  folder: string,
  region: Region,
  hub: { url: string; key: string },
  port: number,
): Promise<string> {
  const own = join(folder, `probe-${region}`)
  await mkdir(own)
  await writeFile(join(own, 'secret.yml'), stringify({ hub: { key: hub.key } }), { mode: 0o600 })
  const seenFromHere = Object.entries(checks).filter(([, { from }]) => from.includes(region))
  const configured = seenFromHere.map(([name, check]) => {
    const headers = check.kind === 'tcp' ? {} : { headers: { [regionHeader]: region } }
    const policy = { interval_seconds: intervalSeconds, timeout_seconds: 5, retries: 0 }
    return [name, { kind: check.kind, target: targetOf(check, port), ...policy, ...headers, ...check.settings }]
  })
  const config = join(own, 'config.yml')
  await writeFile(
    config,
    stringify({ probe: { region, checks: Object.fromEntries(configured) }, hub: { url: hub.url } }),
  )
  return config
}
