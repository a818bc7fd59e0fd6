// The page as people meet it: the built file's `serve`, over a store that a real backfill filled, in a real browser.
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import t from 'tap'
import type { StoredPoint } from '../../demo/stored_points.ts'
import { rangeNames, type View } from '../../src/store/view.ts'
import { TestBrowser } from '../services/browser.ts'
import { needs } from '../services/needed.ts'
import { PageSite } from './page_site.ts'

const genome = 'genome.usegalaxy.org.au'
const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 }
const screenshots = join(import.meta.dirname, '../../.screenshots')

t.test('the page', needs('chromium'), async (t) => {
  const site = await PageSite.start(t)
  const browser = await TestBrowser.start()
  t.teardown(() => browser[Symbol.asyncDispose]())
  const invocations = site.points.filter(({ refusedWith }) => refusedWith === null)
  const refusals = site.points.filter(({ refusedWith }) => refusedWith !== null)
  const at = (search = '') => site.address + search

  t.test('shows totals of everything that was counted', async (t) => {
    const { page, complaints } = await browser.open(at('?range=all'))
    await shows(page, 'Invocations', invocations.length)
    await shows(page, 'People', new Set(invocations.map(({ person }) => person)).size)
    await shows(page, 'Workflows', byWorkflow(invocations).length)
    await shows(page, 'Labs', new Set(invocations.map(({ domain }) => domain)).size)
    await shows(page, 'Refused requests', refusals.length)
    t.same(complaints, [])
    await page.context().close()
  })

  t.test('each time range shows what is in it', async (t) => {
    const { page, complaints } = await browser.open(at('?range=all'))
    for (const name of [...rangeNames].reverse()) {
      const answered = page.waitForResponse((answer) => answer.url().includes(`range=${name}`))
      await page.locator('.range label').nth(rangeNames.indexOf(name)).click()
      const { asked } = (await (await answered).json()) as View
      await shows(page, 'Invocations', invocations.filter(within(asked.from, asked.until)).length)
      t.match(page.url(), `range=${name}`)
    }
    t.same(complaints, [])
    await page.context().close()
  })

  t.test('two dates show what is between them, the last day included', async (t) => {
    const { page, complaints } = await browser.open(at('?range=all'))
    const day = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10)
    await page.getByLabel('Dates …').click()
    await page.locator('.dates').getByLabel('From').fill(day(9))
    await page.locator('.dates').getByLabel('to').fill(day(6))
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    const expected = invocations.filter(within(`${day(9)}T00:00:00Z`, `${day(5)}T00:00:00Z`))
    t.not(expected.length, 0)
    await shows(page, 'Invocations', expected.length)
    t.match(page.url(), `from=${day(9)}&until=${day(5)}`)
    t.same(complaints, [])
    await page.context().close()
  })

  t.test('each filter shows what it says, stands in the address, and can be taken back', async (t) => {
    const { page, complaints } = await browser.open(at('?range=all'))
    await shows(page, 'Invocations', invocations.length)

    await page.getByRole('button', { name: /^Lab/ }).click()
    await page.getByRole('checkbox', { name: genome }).check()
    const inGenome = invocations.filter(({ domain }) => domain === genome)
    await shows(page, 'Invocations', inGenome.length)
    await shows(page, 'Refused requests', refusals.filter(({ domain }) => domain === genome).length)
    await page.keyboard.press('Escape')

    await page.getByRole('button', { name: /^Registry/ }).click()
    await page.getByRole('checkbox', { name: 'WorkflowHub' }).check()
    const fromHub = inGenome.filter(({ registry }) => registry === 'workflowhub')
    await shows(page, 'Invocations', fromHub.length)
    await page.keyboard.press('Escape')

    const [most] = byWorkflow(fromHub)
    await page.locator('.workflows .name button').first().click()
    await shows(page, 'Invocations', most!.points.length)
    await shows(page, 'Workflows', 1)
    t.equal((await page.locator('#versions tbody tr').count()) > 0, true, 'its versions are there')

    const search = new URL(page.url()).search
    t.match(new URLSearchParams(search), new URLSearchParams({ range: 'all', domain: genome, registry: 'workflowhub' }))
    const other = await browser.open(at(search))
    await shows(other.page, 'Invocations', most!.points.length)
    await other.page.context().close()

    await page.goBack()
    await shows(page, 'Invocations', fromHub.length)
    await page.goBack()
    await shows(page, 'Invocations', inGenome.length)
    await page.goForward()
    await shows(page, 'Invocations', fromHub.length)
    await page.getByRole('button', { name: 'Remove filter: Registry WorkflowHub' }).click()
    await shows(page, 'Invocations', inGenome.length)
    await page.getByRole('button', { name: 'Reset' }).click()
    await shows(page, 'Invocations', invocations.length)
    t.match(await page.locator(':focus').textContent(), /^Lab/, 'the focus stays among the filters')

    await page.getByRole('button', { name: /^Origin/ }).click()
    await page.getByRole('checkbox', { name: 'Local' }).check()
    await shows(page, 'Invocations', invocations.filter(({ registry }) => registry === 'local').length)
    await page.getByRole('checkbox', { name: 'Address' }).check()
    const withoutRegistry = invocations.filter(({ registry }) => ['local', 'url'].includes(registry))
    await shows(page, 'Invocations', withoutRegistry.length)
    await page.getByRole('button', { name: 'Reset' }).click()

    await page.getByRole('button', { name: new RegExp(`^${genome}`) }).click()
    await shows(page, 'Invocations', inGenome.length)
    t.same(complaints, [])
    await page.context().close()
  })

  t.test('the search box finds a workflow among those listed', async (t) => {
    const { page } = await browser.open(at('?range=all'))
    await page.getByRole('searchbox').fill('vgp')
    const names = await page.locator('.workflows .name button').allTextContents()
    t.not(names.length, 0)
    t.same(
      names.filter((name) => !/VGP/.test(name)),
      [],
    )
    await page.context().close()
  })

  t.test('answers a stranger in words: what is used most in a lab this month, from where, who else', async (t) => {
    const { page } = await browser.open(at(''))
    const answered = page.waitForResponse(
      (answer) => answer.url().includes('range=month') && answer.url().includes(genome),
    )
    await page.getByLabel('This month').click()
    await page.getByRole('button', { name: new RegExp(`^${genome}`) }).click()
    const { asked } = (await (await answered).json()) as View
    const inMonth = invocations.filter(within(asked.from, asked.until))
    const [most] = byWorkflow(inMonth.filter(({ domain }) => domain === genome))
    const everywhere = inMonth.filter(({ canonicalId, registry }) => `${registry} ${canonicalId}` === most!.key)
    const registry = { dockstore: 'Dockstore', workflowhub: 'WorkflowHub' }[most!.points[0]!.registry]
    const answer = page.locator('#workflows .answer', { hasText: `Most used in ${genome} this month` })
    await answer.waitFor()
    const text = await answer.textContent()
    t.match(text, `from ${registry}, with ${comma(most!.points.length)} invocations of`)
    t.match(text, `by ${peopleOf(most!.points)} people.`)
    t.match(text, `In all labs together ${peopleOf(everywhere)} people ran it.`)
    await page.context().close()
  })

  t.test('what is taken away as CSV has the numbers of the page', async (t) => {
    const { page } = await browser.open(at(`?range=all&domain=${genome}`))
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'CSV: Which workflows are used most?' }).click()
    const lines = (await readFile(await (await download).path(), 'utf8')).trim().split('\r\n')
    const column = lines[0]!.split(',').indexOf('invocations')
    const inFile = lines.slice(1).map((line) => Number(cellsOf(line)[column]))
    await page.getByRole('button', { name: /^Show all/ }).click()
    const onPage = await page.locator('.workflows td[data-name=Invocations]').allTextContents()
    t.same(inFile, onPage.map(toNumber))
    t.equal(
      inFile.reduce((sum, count) => sum + count, 0),
      invocations.filter(({ domain }) => domain === genome).length,
    )
    await page.context().close()
  })

  t.test('the chart says in words what it shows, and its table has every number', async (t) => {
    const { page } = await browser.open(at('?range=all'))
    const chart = page.getByRole('img', { name: new RegExp(`^Bar chart of ${comma(invocations.length)} invocations`) })
    await chart.waitFor()
    await page.getByText('Show as table').click()
    const cells = await page.locator('#over-time td').allTextContents()
    t.equal(
      cells.map(toNumber).reduce((sum, count) => sum + count, 0),
      invocations.length,
    )
    await page.context().close()
  })

  t.test('can be used with the keyboard alone', async (t) => {
    const { page } = await browser.open(at('?range=all'))
    await shows(page, 'Invocations', invocations.length)
    const focused = async () => (await page.locator(':focus').textContent())?.trim() ?? ''
    const tabTo = async (isIt: (text: string) => boolean) => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press('Tab')
        if (isIt(await focused())) return
      }
      throw new Error(`Tab does not come to ${isIt}`)
    }
    await page.keyboard.press('Tab')
    t.equal(await focused(), 'Skip to the numbers')
    await tabTo((text) => text.startsWith('Lab'))
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    const checked = page.getByRole('checkbox', { checked: true })
    await checked.waitFor()
    const domain = new URL(page.url()).searchParams.get('domain')
    const inLab = invocations.filter((point) => point.domain === domain)
    await shows(page, 'Invocations', inLab.length)
    await page.keyboard.press('Escape')
    t.match(await focused(), /^Lab/, 'Escape closes the list and goes back to its button')
    t.equal(await checked.count(), 0)
    const name = byWorkflow(inLab)[0]!.points.at(-1)!.workflowName
    await tabTo((text) => text === name)
    await page.keyboard.press('Enter')
    await shows(page, 'Workflows', 1)
    t.equal(await focused(), name, 'the focus stays where it was')
    await page.context().close()
  })

  t.test('has no barrier that axe finds, and is no wider than a phone', async (t) => {
    await mkdir(screenshots, { recursive: true })
    const chosen = `?range=all&domain=${genome}&workflow=${encodeURIComponent(byWorkflow(invocations.filter(({ domain }) => domain === genome))[0]!.points[0]!.canonicalId)}`
    const looks = {
      wide: { search: '' },
      dark: { search: '', options: { colorScheme: 'dark' as const } },
      phone: { search: '', options: phone },
      chosen: { search: chosen },
      'chosen-phone-dark': { search: chosen, options: { ...phone, colorScheme: 'dark' as const } },
      empty: { search: '?from=2020-01-01&until=2020-02-01' },
    }
    for (const [name, { search, options = {} }] of Object.entries<{ search: string; options?: object }>(looks)) {
      const { page, complaints } = await browser.open(at(search), options)
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

  t.test('says what is wrong with an address that cannot be shown', async (t) => {
    const { page } = await browser.open(at('?from=yesterday'))
    await page
      .getByRole('alert')
      .getByText(/from: "yesterday" is no date/)
      .waitFor()
    await page.getByRole('button', { name: 'Show the last 30 days' }).click()
    await page.locator('.total .count').first().waitFor()
    t.equal(await page.getByRole('alert').textContent(), '')
    await page.context().close()
  })

  t.test('says that nothing was counted where nothing was, and when counting began', async () => {
    const { page } = await browser.open(at('?from=2020-01-01&until=2020-02-01'))
    await page.getByText(/^Nothing was counted from 1 Jan 2020 to 31 Jan 2020\. The first invocation ever/).waitFor()
    await page.context().close()
  })

  t.test('remembers the colours that were chosen', async (t) => {
    const { page } = await browser.open(at())
    const theme = () => page.locator('html').getAttribute('data-theme')
    t.equal(await theme(), 'light')
    await page.getByLabel('Dark colours').check()
    t.equal(await theme(), 'dark')
    await page.reload()
    t.equal(await theme(), 'dark')
    await page.context().close()
  })

  t.test('shows new points by itself, and leaves focus and place alone', async (t) => {
    const { page, complaints } = await browser.open(at('?range=all'))
    await shows(page, 'Invocations', invocations.length)
    await page.getByText('Live', { exact: true }).waitFor()
    const box = page.getByRole('searchbox')
    await box.focus()
    await page.evaluate('scrollTo(0, 600)')
    const place = await box.boundingBox()
    const added = (await site.invoke()) + (await site.invoke())
    await shows(page, 'Invocations', invocations.length + added)
    t.equal(await page.locator('input[type=search]:focus').count(), 1)
    t.same(await box.boundingBox(), place)
    t.same(complaints, [])
    await page.context().close()
  })

  t.test('says so when the server is gone, keeps what it had, and goes on when it is back', async (t) => {
    const { page } = await browser.open(at('?range=all'))
    await page.getByText('Live', { exact: true }).waitFor()
    const before = await page.locator('.total .count').first().textContent()
    await site.stopServer()
    await page.getByText(/The server has not answered since .* UTC/).waitFor()
    t.equal(await page.locator('.total .count').first().textContent(), before)
    const added = await site.invoke()
    await site.startServer()
    await shows(page, 'Invocations', toNumber(before ?? '') + added)
    t.equal(await page.getByRole('alert').textContent(), '')
    await page.context().close()
  })
})

/** Waits until one of the totals is that number. */
async function shows(page: Page, name: string, count: number): Promise<void> {
  const total = page.locator('.total').filter({ has: page.getByText(name, { exact: true }) })
  await total.locator('.count', { hasText: new RegExp(`^${comma(count)}$`) }).waitFor()
}

function within(from: string, until: string): (point: StoredPoint) => boolean {
  return ({ timeMs }) => timeMs >= Date.parse(from) && timeMs < Date.parse(until)
}

/** Most used first. */
function byWorkflow(points: StoredPoint[]): { key: string; points: StoredPoint[] }[] {
  const groups = Map.groupBy(points, ({ registry, canonicalId }) => `${registry} ${canonicalId}`)
  return [...groups].map(([key, points]) => ({ key, points })).sort((a, b) => b.points.length - a.points.length)
}

const peopleOf = (points: StoredPoint[]): number => new Set(points.map(({ person }) => person)).size
const comma = (count: number): string => count.toLocaleString('en')
const toNumber = (text: string): number => Number(text.replaceAll(',', ''))

/** The cells of a line of CSV. */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell = '']) => cell)
}
