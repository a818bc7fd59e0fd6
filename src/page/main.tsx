import { render } from 'preact'
import { App } from './app.tsx'
import { showStoredTheme } from './theme.ts'

showStoredTheme()
render(<App />, document.body)
