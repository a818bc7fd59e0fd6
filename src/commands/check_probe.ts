import { dirname } from 'node:path'
import { HubClient, keyRemedy } from '../clients/hub.ts'
import type { Configuration } from '../config/load.ts'
import { checkFolder } from './check_files.ts'
import { type Finding, failure } from './finding.ts'

/** Whether results could wait on disk. */
export function checkSpool({ probe }: Configuration): Finding {
  return checkFolder('probe.spool', dirname(probe!.spool))
}

/** Asks the hub whether the key may do what this probe does; sends it no result. */
export async function checkHub({ probe, hub }: Configuration, answerMs: number): Promise<Finding> {
  const name = 'hub'
  const { url, key, verify_ssl: verifySsl, ca_file: caFile } = hub!
  try {
    const client = new HubClient({ url: url!, key: key!, verifySsl, caFile }, answerMs)
    const scopes = await client.scopes().finally(() => client.close())
    const lacks = (scope: string, remedy: string): Finding => {
      return { name, ok: false, detail: `${client.where} knows the key, which has no scope ${scope}`, remedy }
    }
    if (!scopes.includes('events:write:probe') && !scopes.includes('events:write:*'))
      return lacks('events:write:probe', keyRemedy)
    if (probe!.from_hub && !scopes.includes('probes:read'))
      return lacks('probes:read', 'Make a key that has it, too, or leave probe.from_hub out')
    return { name, ok: true, detail: `${client.where} answers, and the key may send results` }
  } catch (error) {
    return failure(name, error)
  }
}
