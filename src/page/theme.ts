import { useEffect, useState } from 'preact/hooks'

export type Theme = 'light' | 'dark'
export type Wish = Theme | 'system'

const key = 'workflow-reporting-theme'
const prefersDark = matchMedia('(prefers-color-scheme: dark)')

/** What the person chose in this browser; storage may be forbidden there. */
function storedWish(): Wish {
  try {
    const stored = localStorage.getItem(key)
    return stored === 'light' || stored === 'dark' ? stored : 'system'
  } catch {
    return 'system'
  }
}

function store(wish: Wish): void {
  try {
    if (wish === 'system') localStorage.removeItem(key)
    else localStorage.setItem(key, wish)
  } catch {
    // It holds until the page is closed, then.
  }
}

const resolve = (wish: Wish): Theme => (wish === 'system' ? (prefersDark.matches ? 'dark' : 'light') : wish)

function show(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme
}

/** Before anything is drawn, so that nothing changes its colour. */
export function showStoredTheme(): void {
  show(resolve(storedWish()))
}

/** The theme that is shown, what was wished for, and how to wish. Paper is always light. */
export function useTheme(): { theme: Theme; wish: Wish; choose: (wish: Wish) => void } {
  const [wish, setWish] = useState(storedWish)
  const [theme, setTheme] = useState(() => resolve(wish))
  useEffect(() => {
    const follow = () => setTheme(resolve(wish))
    const forPaper = () => setTheme('light')
    follow()
    prefersDark.addEventListener('change', follow)
    addEventListener('beforeprint', forPaper)
    addEventListener('afterprint', follow)
    return () => {
      prefersDark.removeEventListener('change', follow)
      removeEventListener('beforeprint', forPaper)
      removeEventListener('afterprint', follow)
    }
  }, [wish])
  show(theme)
  const choose = (wish: Wish) => {
    store(wish)
    setWish(wish)
  }
  return { theme, wish, choose }
}
