import { codeOf, messageOf } from '../base/errors.ts'

/** How `/healthz` begins while events are refused; otherwise it is `ok`. */
export const noEvents = 'no events are accepted: '

/** Why an address cannot be listened on, and what to do. */
export function whyNotListening(error: unknown): string {
  const code = codeOf(error)
  if (code === 'EADDRINUSE') return 'another program listens there. Stop it, or choose another port'
  if (code === 'EACCES') return 'this user may not listen there. Choose a port above 1023'
  if (code === 'EADDRNOTAVAIL') return 'this machine has no such address. Choose one that it has, such as 127.0.0.1'
  return messageOf(error)
}
