/** What a refused request's HTTP status means to whoever runs a Galaxy. */
const meanings: Record<string, string> = {
  '400': 'Galaxy could not make sense of the inputs',
  '401': 'not logged in, or the API key is wrong',
  '403': 'not allowed: the workflow is somebody else’s and not shared',
  '404': 'no such workflow',
  '405': 'the method is not allowed there',
  '408': 'the client was too slow to send it',
  '409': 'in conflict with something else',
  '413': 'more was sent than nginx takes',
  '414': 'the address was too long',
  '415': 'sent in a form that Galaxy does not read',
  '422': 'Galaxy could not use the inputs',
  '429': 'too many requests in a short time',
  '499': 'the client went away before the answer',
  '500': 'Galaxy failed on it',
  '502': 'nginx got no answer from Galaxy: it was down or restarting',
  '503': 'Galaxy was not available',
  '504': 'Galaxy took too long to answer',
}

const families: Record<string, string> = {
  '1': 'no answer was given',
  '3': 'sent to another address',
  '4': 'refused because of the request',
  '5': 'the server failed',
}

export const meaningOf = (status: string): string =>
  meanings[status] ?? families[status[0] ?? ''] ?? 'an unusual status'
