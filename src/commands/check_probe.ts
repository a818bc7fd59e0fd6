import { dirname } from 'node:path'
import { HubClient } from '../clients/hub.ts'
import type { Configuration } from '../config/load.ts'
import { checkFolder } from './check_files.ts'
import { type Finding, failure } from './finding.ts'

/** Whether results could wait on disk. */
export function checkSpool({ probe }: Configuration): Finding {
  return checkFolder('probe.spool', dirname(probe!.spool))
}

/** Asks the hub whether it knows the key of this probe; sends it no result. */
export async function checkHub({ probe, hub }: Configuration, answerMs: number): Promise<Finding> {
  const name = 'hub'
  const { url, key, verify_ssl: verifySsl, ca_file: caFile } = hub!
  try {
    const client = new HubClient({ url, key, verifySsl, caFile }, answerMs)
    const mayRead = await client.mayReadChecks(probe!.region).finally(() => client.close())
    const detail = `${client.where} answers and knows the key`
    if (mayRead || !probe!.from_hub) return { name, ok: true, detail }
    const remedy = 'Make a key with the scope probes:read, too, or leave probe.from_hub out'
    return { name, ok: false, detail: `${client.where} does not tell this key what to probe`, remedy }
  } catch (error) {
    return failure(name, error)
  }
}
