import { useEffect, useState } from 'preact/hooks'

/** The present, told anew so often; for what says how long ago something was. */
export function useNow(everyMs: number): number {
  const [nowMs, setNowMs] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return Math.max(nowMs, 0)
}
