// A clock that can be set, for processes started with it: libfaketime answers them in the kernel's place.
import { globSync, writeFileSync } from 'node:fs'

export interface Clock {
  env: Record<string, string>
  /** Sets it so far ahead of the true time, or behind. The clock that only runs on (CLOCK_MONOTONIC) is left alone. */
  set(aheadMs: number): void
}

export function makeClock(file: string): Clock {
  const library = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')[0]
  if (library === undefined) throw new Error('faketime is missing (Debian: apt-get install faketime)')
  const set = (aheadMs: number) => writeFileSync(file, `${aheadMs < 0 ? '' : '+'}${(aheadMs / 1000).toFixed(3)}`)
  set(0)
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
    set,
  }
}
