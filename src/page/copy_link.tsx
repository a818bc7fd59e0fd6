import { useEffect, useRef, useState } from 'preact/hooks'

const thanksMs = 2500

/** Copies the page's address, in which everything that is chosen stands; where that is forbidden, shows it to be copied. */
export function CopyLink() {
  const [state, setState] = useState<'ready' | 'copied' | 'by hand'>('ready')
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (state === 'by hand') field.current?.select()
    if (state !== 'copied') return
    const timer = setTimeout(() => setState('ready'), thanksMs)
    return () => clearTimeout(timer)
  }, [state])

  const copy = async () => {
    try {
      // Only where the page came over https or from this machine.
      await navigator.clipboard.writeText(location.href)
      setState('copied')
    } catch {
      setState('by hand')
    }
  }
  if (state === 'by hand') {
    return (
      <input
        ref={field}
        class="address"
        readOnly
        value={location.href}
        aria-label="Address of this view, to be copied"
        onBlur={() => setState('ready')}
        onKeyDown={({ key }) => key === 'Escape' && setState('ready')}
      />
    )
  }
  return (
    <button type="button" class="button copy" onClick={copy}>
      <output>{state === 'copied' ? 'Link copied' : 'Copy link'}</output>
    </button>
  )
}
