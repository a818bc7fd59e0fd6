// The parts Events and Availability as people meet them: the built file's `serve` over a hub's file, in a real browser.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import t from 'tap'
import type { AvailabilityView } from '../../src/availability/view.ts'
import type { EventsView } from '../../src/web/view.ts'
import { TestBrowser } from '../services/browser.ts'
import { request } from '../services/http.ts'
import { needs } from '../services/needed.ts'
import { hubSite } from './hub_page_site.ts'

const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 }
const screenshots = join(import.meta.dirname, '../../.screenshots')

t.test('events and availability on the page', needs('chromium', 'influxd'), async (t) => {
  const site = await hubSite(t)
  const browser = await TestBrowser.start()
  t.teardown(() => browser[Symbol.asyncDispose]())
  const of = (category: string) => site.events.filter((event) => event.category === category)
  const json = async <T>(path: string) => JSON.parse((await request(site.address + path)).body) as T

  t.test('counts every event, and shows those that nobody knows and those that were refused', async (t) => {
    const { page, complaints } = await browser.open(`${site.address}?range=all`)
    await shows(page, 'Events', site.events.length)
    await shows(page, 'Of unknown type', of('sensor').length)
    await shows(page, 'Refused', 20)
    await shows(page, 'Dead letters now', 3)
    t.equal(await page.locator('nav.tabs [aria-current=page]').textContent(), 'Events', 'the first that has something')
    t.equal(await page.locator('nav.tabs a').count(), 2, 'there is no store, and so no part for it')
    await page.getByText('reading.raw', { exact: true }).waitFor()
    t.same(complaints, [])
    await page.context().close()
  })

  t.test('the chart and its table have every number, and a category can be left out', async (t) => {
    const { page } = await browser.open(`${site.address}?tab=events&range=all`)
    await page.getByText('Show as table').click()
    const cells = await page.locator('#events-over-time td').allTextContents()
    t.equal(
      cells.map((text) => Number(text.replaceAll(',', ''))).reduce((sum, count) => sum + count, 0),
      site.events.length,
    )
    const entry = page.locator('.legend button', { hasText: 'job' })
    t.equal(await entry.getAttribute('aria-pressed'), 'true')
    await entry.click()
    t.equal(await entry.getAttribute('aria-pressed'), 'false')
    t.equal(await page.locator('.legend button', { hasText: 'probe' }).getAttribute('aria-pressed'), 'false')
    await page.context().close()
  })

  t.test('a destination that is down is told, with its dead letters and what to do', async (t) => {
    const { page } = await browser.open(`${site.address}?tab=events`)
    const row = page.locator('.destinations tr', { hasText: 'archive' })
    await row.getByText(/^Down/).waitFor()
    t.match(await row.locator('[data-name=Waiting]').textContent(), /^18,9\d\d/)
    await page.getByText('dead replay --destination archive --since DAY').waitFor()
    await page.locator('.destinations tr', { hasText: 'metrics' }).getByText('Delivering').waitFor()
    await page.context().close()
  })

  t.test('each probe in each region has its state in words, since when, and how available it was', async (t) => {
    const { page, complaints } = await browser.open(`${site.address}?tab=availability`)
    await shows(page, 'Down', 1)
    await shows(page, 'Silent', 1)
    const row = (name: string, region: string) =>
      page.locator('.probes tr', { hasText: name }).filter({ hasText: region })
    for (const [name, region, text] of [
      ['home-page', 'us-west', /^Down for 2\d minutes$/],
      ['gateway', 'us-west', /^Silent for/],
      ['gateway', 'europe', /^Not known for/],
      ['database', 'australia', /^Maintenance for/],
      ['home-page', 'europe', /^Up for/],
    ] as const)
      t.match((await row(name, region).locator('[data-name=State]').textContent())?.trim(), text, `${name} ${region}`)
    t.match(await row('nightly-backup', '').textContent(), /pushed/)
    t.match(await page.locator('#trouble').textContent(), /status 502, expected 200\. It is up as seen from/)
    const { probes } = await json<AvailabilityView>('api/availability')
    const down = probes.find(({ state }) => state === 'down')!.spans['30d']
    t.equal(down.up + down.down, 36 * 60)
    t.equal(down.down, 24)
    t.same(complaints, [])
    await page.context().close()
  })

  t.test('the parts can be gone through, sent to somebody, and gone back to', async (t) => {
    const { page } = await browser.open(`${site.address}?range=7d`)
    await shows(page, 'Dead letters now', 3)
    await page.getByRole('link', { name: 'Availability' }).click()
    await shows(page, 'Silent', 1)
    t.match(page.url(), '?tab=availability&range=7d')
    await page.goBack()
    await shows(page, 'Dead letters now', 3)
    const other = await browser.open(`${site.address}?tab=availability`)
    await shows(other.page, 'Silent', 1)
    await other.page.context().close()
    await page.context().close()
  })

  t.test('what is taken away has the numbers of the page, and no field of an event', async (t) => {
    const { totals, types } = await json<EventsView>('api/event-view?range=all')
    const lines = (await request(`${site.address}api/data/events.csv?range=all`)).body.trim().split('\r\n')
    t.equal(lines[0], 'source,category,type,known,events')
    t.equal(lines.length - 1, types.length)
    const sum = lines.slice(1).reduce((sum, line) => sum + Number(line.split(',').at(-1)), 0)
    t.equal(sum, totals.events)
    for (const name of ['events_over_time', 'events_refused', 'destinations', 'availability'])
      for (const ending of ['csv', 'json'])
        t.equal((await request(`${site.address}api/data/${name}.${ending}`)).status, 200, `${name}.${ending}`)
    t.match(await json('api/data/events.json?range=all'), [{ known: Boolean, events: Number }])
    t.match(await json('api/data/destinations.json'), [{ paused: Boolean }])
    t.match(lines[1], /,(?:true|false),\d+$/)
    t.notMatch(JSON.stringify(await json('api/event-view?range=all')), /"index"/)
  })

  t.test('Prometheus is told how destinations and probes are', async (t) => {
    const { body } = await request(`${site.address}metrics`)
    t.match(body, 'workflow_reporting_events_dead{destination="archive"} 3\n')
    t.match(body, 'workflow_reporting_events_circuit_open{destination="archive"} 1\n')
    t.match(body, 'workflow_reporting_probe_up{probe="gateway",region="us-west",how="probed"} 0\n')
  })

  t.test('has no barrier that axe finds, and is no wider than a phone', async (t) => {
    await mkdir(screenshots, { recursive: true })
    const empty = await hubSite(t, { empty: true })
    const both = await hubSite(t, { store: true })
    const dark = { colorScheme: 'dark' as const }
    const looks: Record<string, { address?: string; search: string; options?: object }> = {
      events: { search: '?tab=events' },
      'events-24h-dark': { search: '?tab=events&range=24h', options: dark },
      'events-phone': { search: '?tab=events', options: phone },
      'events-empty': { address: empty.address, search: '' },
      'events-beside-workflows': { address: both.address, search: '?tab=events' },
      availability: { search: '?tab=availability' },
      'availability-dark': { search: '?tab=availability', options: dark },
      'availability-phone': { search: '?tab=availability', options: phone },
      'availability-phone-dark': { search: '?tab=availability', options: { ...phone, ...dark } },
      'availability-empty': { address: empty.address, search: '?tab=availability' },
    }
    for (const [name, { address = site.address, search, options = {} }] of Object.entries(looks)) {
      const { page, complaints } = await browser.open(address + search, options)
      await page.locator('.total .count').first().waitFor()
      await page.getByText('Live', { exact: true }).waitFor()
      const { violations } = await new AxeBuilder({ page }).analyze()
      const found = violations.map(
        ({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html).join(' ')}`,
      )
      t.same(found, [], name)
      const wider = await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')
      t.notOk(wider, `${name} scrolls to the side`)
      await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true })
      t.same(complaints, [], name)
      await page.context().close()
    }
    t.comment(`Screenshots are in ${screenshots}`)
  })
})

/** Waits until one of the totals is that number. */
async function shows(page: Page, name: string, count: number): Promise<void> {
  const total = page.locator('.total').filter({ has: page.getByText(name, { exact: true }) })
  await total.locator('.count', { hasText: new RegExp(`^${count.toLocaleString('en')}$`) }).waitFor()
}
