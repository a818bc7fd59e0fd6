// A browser that a test drives: Debian's Chromium, without a window.
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { programPath } from './needed.ts'

const patienceMs = 20_000

export type LookedAt = {
  readonly page: Page
  /** What the browser complained of: errors, warnings, what the page's policy forbade. */
  readonly complaints: string[]
}

export class TestBrowser {
  readonly #browser: Browser

  private constructor(browser: Browser) {
    this.#browser = browser
  }

  static async start(): Promise<TestBrowser> {
    // Chromium's sandbox needs a user other than root.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    return new TestBrowser(await chromium.launch({ executablePath: programPath('chromium'), args }))
  }

  /** Opens an address as somebody who was never there, and without animations. */
  async open(address: string, options: BrowserContextOptions = {}): Promise<LookedAt> {
    const context = await this.#browser.newContext({
      viewport: { width: 1280, height: 900 },
      reducedMotion: 'reduce',
      ...options,
    })
    context.setDefaultTimeout(patienceMs)
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(address)
    return { page, complaints }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close()
  }
}
