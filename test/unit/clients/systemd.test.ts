// What systemd is told of a service, and when. test/hosts asks a real one.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { newCounters } from '../../../src/base/counters.ts'
import { Progress } from '../../../src/base/progress.ts'
import { Systemd } from '../../../src/clients/systemd.ts'

const lookEveryMs = 5
const watchdogMs = 60

function listener() {
  const told: string[][] = []
  const heard = (assignment: string) => told.filter((message) => message.includes(assignment)).length
  return { told, heard, notify: async (message: string[]) => void told.push(message) }
}

t.test('it is ready when reading has begun, and not before', async (t) => {
  const progress = new Progress(newCounters())
  const { told, heard, notify } = listener()
  const systemd = new Systemd(progress, null, notify, lookEveryMs)
  await sleep(30)
  t.same(told, [])
  progress.pulled(null, null)
  await sleep(50)
  t.equal(heard('READY=1'), 1)
  t.match(told[0]?.join(), 'STATUS=Counting: no line since')
  for (let count = 0; count < 5; count++) {
    progress.counters.written++
    await sleep(10)
  }
  t.equal(told.length, 1, 'a status that changes all the time is told every ten seconds')
  await systemd.close()
})

t.test('the watchdog is fed while the work goes on, and starves when it does not', async (t) => {
  const progress = new Progress(newCounters())
  const { heard, notify } = listener()
  const systemd = new Systemd(progress, watchdogMs, notify, lookEveryMs)
  const startedMs = performance.now()
  for (let count = 0; count < 20; count++) {
    progress.looked(false)
    await sleep(10)
  }
  const halves = (performance.now() - startedMs) / (watchdogMs / 2)
  const fed = heard('WATCHDOG=1')
  t.ok(fed >= 2 && fed <= halves + 1, `at half its time: ${fed} times in ${halves.toFixed(1)} halves`)
  await sleep(watchdogMs) // A last sign may not have been told yet.
  const last = heard('WATCHDOG=1')
  await sleep(4 * watchdogMs)
  t.equal(heard('WATCHDOG=1'), last)
  progress.waits('InfluxDB')
  await sleep(watchdogMs)
  t.equal(heard('WATCHDOG=1'), last + 1, 'waiting for a system out of reach is work, too')
  await systemd.close()
})

t.test('stopping is told last, and waited for', async (t) => {
  const progress = new Progress(newCounters())
  const { told, notify } = listener()
  let arrived = false
  const slow = async (message: string[]) => {
    await sleep(30)
    await notify(message)
    arrived = message.includes('STOPPING=1')
  }
  const systemd = new Systemd(progress, watchdogMs, slow, lookEveryMs)
  progress.pulled(null, null)
  await sleep(20)
  systemd.stopping()
  await systemd.close()
  t.ok(arrived)
  t.match(told.at(-1), ['STOPPING=1', /^STATUS=Stopping/])
})

t.test('a systemd that cannot be told does not stop the work', async (t) => {
  const progress = new Progress(newCounters())
  const systemd = new Systemd(progress, null, async () => Promise.reject(new Error('no such program')), lookEveryMs)
  progress.pulled(null, null)
  await sleep(20)
  systemd.stopping()
  await t.resolves(systemd.close())
})

t.test('it is told only where it asks for it', async (t) => {
  const progress = new Progress(newCounters())
  t.equal(Systemd.fromEnvironment(progress, {}), null)
  t.equal(Systemd.fromEnvironment(progress, { WATCHDOG_USEC: '1000' }), null)
  const systemd = Systemd.fromEnvironment(progress, { NOTIFY_SOCKET: '/run/systemd/notify' })
  t.ok(systemd)
  await systemd?.close()
})
