import type { Said } from './client.ts'
import type { FarEnd } from './far_end.ts'
import type { HubUnderTest } from './hub.ts'
import type { Offered } from './offered.ts'

/** What one destination holds, against what it should. */
export interface Found {
  name: string
  expected: number
  there: number
  missing: number
  extra: number
  twice: number
  dead: number
  deadExpected: number
  isRight: boolean
}

interface Letter {
  destination: string
  id: string
}

/** Compares what got 202 with what is there, and the bad ones with the dead letters; the hub is asked only for the latter. */
export async function differences(
  hub: HubUnderTest,
  ends: FarEnd[],
  offered: Map<string, Offered>,
  said: Said,
): Promise<Found[]> {
  const { letters } = JSON.parse(await hub.ask(['dead', 'list', '--json'])) as { letters: Letter[] }
  const found: Found[] = []
  for (const { name, held } of ends) {
    const there = await held(hub.stateFolder)
    const accepted = [...said.accepted]
    const expected = new Set(accepted.filter((id) => offered.get(id)?.bad !== name))
    const deadExpected = new Set(accepted.filter((id) => offered.get(id)?.bad === name))
    const deadHere = new Set(letters.filter(({ destination }) => destination === name).map(({ id }) => id))
    const missing = [...expected].filter((id) => !there.has(id)).length
    const extra = [...there.keys()].filter((id) => !expected.has(id)).length
    const twice = [...there.values()].filter((times) => times > 1).length
    const isDeadRight = deadHere.size === deadExpected.size && [...deadExpected].every((id) => deadHere.has(id))
    found.push({
      ...{ name, expected: expected.size, there: there.size, missing, extra, twice },
      ...{ dead: deadHere.size, deadExpected: deadExpected.size },
      isRight: missing + extra + twice === 0 && isDeadRight && wronglySaid(offered, said) === 0,
    })
  }
  return found
}

/** Events that the hub should have refused and did not, or the other way round. */
function wronglySaid(offered: Map<string, Offered>, said: Said): number {
  const wronglyRefused = [...said.refused.keys()].filter((id) => offered.get(id)?.bad !== 'api')
  const wronglyAccepted = [...said.accepted].filter((id) => offered.get(id)?.bad === 'api')
  return wronglyRefused.length + wronglyAccepted.length
}
