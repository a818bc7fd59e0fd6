import { loadConfiguration } from '../config/load.ts'
import { idCodec } from '../galaxy/ids.ts'

/** Prints the number behind each id, a line each; what is no id of this server goes to standard error. */
export async function decode(config: string, ids: string[]): Promise<number> {
  const { galaxy } = await loadConfiguration(config, { idSecret: true })
  const codec = idCodec(galaxy.id_secret!)
  let failed = 0
  for (const id of ids) {
    const number = codec.decode(id)
    if (number === null) {
      failed++
      process.stderr.write(`${id}: is no id that galaxy.id_secret encoded\n`)
    } else {
      process.stdout.write(`${number}\n`)
    }
  }
  return failed === 0 ? 0 : 1
}
