import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { number } from './words.ts'

export interface Choice {
  value: string
  label: ComponentChildren
  /** How often it was used; left out where that is not known. */
  count?: number
}

interface Properties {
  name: string
  choices: Choice[]
  chosen: readonly string[]
  onChange: (chosen: string[]) => void
}

/** A button that opens a list of which any number can be chosen. Escape and a click elsewhere close it. */
export function ChoiceMenu({ name, choices, chosen, onChange }: Properties) {
  const [open, setOpen] = useState(false)
  const whole = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const id = useId()

  useEffect(() => {
    if (!open) return
    const elsewhere = ({ target }: Event) => {
      if (!whole.current?.contains(target as Node)) setOpen(false)
    }
    const onKey = ({ key }: KeyboardEvent) => {
      if (key !== 'Escape') return
      setOpen(false)
      button.current?.focus()
    }
    for (const event of ['pointerdown', 'focusin']) document.addEventListener(event, elsewhere)
    document.addEventListener('keydown', onKey)
    return () => {
      for (const event of ['pointerdown', 'focusin']) document.removeEventListener(event, elsewhere)
      document.removeEventListener('keydown', onKey)
    }
  }, [open])

  const listed = withChosen(choices, chosen)
  return (
    <div class="menu" ref={whole}>
      <button
        ref={button}
        type="button"
        class={chosen.length > 0 ? 'button on' : 'button'}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {name}
        <span class="chosen">{chosen.length === 0 ? 'all' : chosen.length}</span>
      </button>
      <fieldset class="choices" id={id} hidden={!open}>
        <legend class="unseen">{name}</legend>
        {listed.length === 0 && <p class="soft">Nothing to choose in this range.</p>}
        {listed.map(({ value, label, count }) => (
          <label key={value}>
            <input
              type="checkbox"
              checked={chosen.includes(value)}
              onChange={({ currentTarget }) =>
                onChange(currentTarget.checked ? [...chosen, value] : chosen.filter((one) => one !== value))
              }
            />
            <span class="what">{label}</span>
            {count !== undefined && <span class="soft">{number(count)}</span>}
          </label>
        ))}
      </fieldset>
    </div>
  )
}

/** What was chosen can be taken back even where nothing of it is in the range. */
function withChosen(choices: Choice[], chosen: readonly string[]): Choice[] {
  const missing = chosen.filter((value) => !choices.some((choice) => choice.value === value))
  return [...choices, ...missing.map((value) => ({ value, label: value, count: 0 }))]
}
