import t from 'tap'
import { chosenPart } from '../../../src/events/choice.ts'
import type { HubEvent, Payload } from '../../../src/events/event.ts'

const choice = { filter: ['#'], fields: null, personal: false }
const partOf = (payload: Payload) => chosenPart({ payload } as HubEvent, choice).payload

t.test('who somebody is is left out wherever it stands', async (t) => {
  t.same(partOf({ user_id: 1, size: 7, device_id: 'x' }), { size: 7 })
  t.same(partOf({ job: { owner: 'x', tool: 'y' } }), { job: { tool: 'y' } })
  t.same(partOf({ members: [{ email: 'x', role: 'y' }, [{ ip: 'x' }], 'z'] }), {
    members: [{ role: 'y' }, [{}], 'z'],
  })
})
