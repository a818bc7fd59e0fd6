/** A destination as the judge sees it: the server itself, and never what the hub says of it. */
export interface FarEnd {
  /** Its name in the hub's configuration. */
  name: string
  /** What stands there. */
  settings: object
  /** Ways in which it fails for a while. */
  faults: Trouble[]
  /**
   * How often it holds each event, by id.
   *
   * @param stateFolder of the hub, where a destination's record of what was sent is
   */
  held(stateFolder: string): Promise<Map<string, number>>
  [Symbol.asyncDispose](): Promise<void>
}

/** Something that goes wrong, until what `begin` gives back is called. */
export interface Trouble {
  name: string
  begin(): Promise<() => Promise<void>>
}

/** How often each id comes. */
export function counted(ids: Iterable<string>): Map<string, number> {
  const times = new Map<string, number>()
  for (const id of ids) times.set(id, (times.get(id) ?? 0) + 1)
  return times
}

/** What a real server of a test's own can be made to do. */
export function faultsOfServer(server: {
  kill9(): Promise<void>
  restart(): Promise<void>
  pause(): Promise<void>
  resume(): void
}): Trouble[] {
  return [
    {
      name: 'killed and started',
      async begin() {
        await server.kill9()
        return () => server.restart()
      },
    },
    {
      name: 'hangs',
      async begin() {
        await server.pause()
        return async () => server.resume()
      },
    },
  ]
}
