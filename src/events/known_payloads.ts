import * as z from 'zod'
import { wanted } from './checked.ts'

const text = z.string(wanted('a text'))
const named = text.min(1, 'is empty')
const number = z.number(wanted('a number'))
const amount = number.min(0, 'expected 0 or more')
const whole = z.int(wanted('a whole number')).min(0, 'expected 0 or more')
const yesOrNo = z.boolean(wanted('true or false'))
/** Numbers and texts are both in use; Clowder's are texts. */
const someId = z.union([named, z.int()], wanted('a text or a whole number'))

const person = {
  user_id: someId.nullish().describe('Who did it; null: nobody who is known.'),
  user_name: text.nullish(),
}
const author = {
  author_id: someId.nullish().describe('Whose it is.'),
  author_name: text.nullish(),
}
const resource = {
  resource_id: named.describe('The dataset, file, collection or space.'),
  resource_name: text.nullish(),
}
const size = amount.nullish().describe('Bytes of a file; of a dataset how many files and folders are in it.')

const signedUp = z.looseObject({ user_id: someId.nullable().describe('Who it is.'), user_name: text.nullish() })
const viewed = z.looseObject({ ...resource, ...author, ...person })
const moved = z.looseObject({ ...resource, ...author, ...person, size })
const extracted = z.looseObject({ ...resource, ...author, ...person, extractor_name: named })
const uploaded = z.looseObject({
  ...{ ...resource, resource_id: named.nullish() },
  ...{ dataset_id: text.nullish(), dataset_name: text.nullish() },
  ...{ ...author, ...person, size },
})

const serviceUp = z.looseObject({
  service_name: named,
  healthy: z.union([yesOrNo, text, number], wanted('true, false, a text or a number')).nullish(),
  uptime: number.nullish(),
  response_time_avg: number.nullish(),
  response_time_min: number.nullish(),
  response_time_max: number.nullish(),
  response_time_loss: number.nullish(),
})

const probed = {
  probe: named.describe('The name of the probe.'),
  region: named.describe('Where it looks from.'),
  target: named.describe('What it looks at: a host, a host and port, or an address.'),
  success: yesOrNo.describe('Whether the target is as it should be.'),
  maintenance: yesOrNo.optional().describe('Whether it happened in a maintenance window.'),
  interval_seconds: amount.nullish().describe('How often the probe looks.'),
  message: text.nullish().describe('What is wrong, in a sentence.'),
  consecutive_failures: whole.nullish().describe('How often in a row it failed, this time included.'),
}
/** The names of Telegraf's plugins `ping`, `http_response` and `nginx`, so that dashboards made for them fit. */
const answered = { response_time: amount.nullish().describe('Seconds.'), result: text.nullish() }
const timed = { ...answered, result_code: whole.nullish() }
const pinged = z.looseObject({
  ...probed,
  packets_transmitted: whole.nullish(),
  packets_received: whole.nullish(),
  percent_packet_loss: amount.nullish(),
  minimum_response_ms: amount.nullish(),
  average_response_ms: amount.nullish(),
  maximum_response_ms: amount.nullish(),
  standard_deviation_ms: amount.nullish(),
})
const connected = z.looseObject({ ...probed, ...timed })
const requested = z.looseObject({
  ...{ ...probed, ...timed },
  http_response_code: whole.nullish(),
  content_length: whole.nullish(),
  certificate_days: number.nullish().describe('How long its certificate is still good.'),
  page_bytes: whole.nullish().describe('The whole page, with what it loads.'),
  page_seconds: amount.nullish(),
})
const counted = z.looseObject({
  ...{ ...probed, ...answered },
  active: whole.nullish().describe('Open connections, as `stub_status` tells.'),
  ...{ accepts: whole.nullish(), handled: whole.nullish(), requests: whole.nullish() },
  ...{ reading: whole.nullish(), writing: whole.nullish(), waiting: whole.nullish() },
  unique_clients: whole.nullish().describe('Different clients in the log within the last minute.'),
})

/** What the hub itself says of a probe. */
const listened = z.looseObject({
  probe: named.describe('The name of the probe, or of the service that was pushed.'),
  region: text.describe('Where it looks from; empty where it never said.'),
  how: z.enum(['probed', 'pushed'], wanted('probed or pushed')).describe('Whether a probe looks, or a program tells.'),
  from_ms: number.describe('When its first result was missing, ms since 1970.'),
  interval_seconds: amount.describe('How often it tells something.'),
  success: yesOrNo.describe('Whether it is heard.'),
  message: text.describe('What happened, in a sentence.'),
})
const dropped = z.looseObject({
  region: named.describe('Where the probe stands.'),
  dropped: whole.describe('How many results had no room while the hub was away.'),
})

const point = z.looseObject({
  measurement: named,
  tags: z.record(z.string(), text, wanted('an object of texts')),
  fields: z.record(z.string(), z.union([text, number, yesOrNo]), wanted('an object')),
  integers: z.array(text, wanted('a list of names')).describe('Which fields are whole numbers.'),
  time_ns: text.regex(/^-?\d{1,19}$/, 'expected nanoseconds since 1970, as a text'),
})

const submitted = z.looseObject({
  job_id: someId,
  tool_id: text.nullish(),
  tool_version: text.nullish(),
  destination: text.nullish().describe('Where it is to run.'),
  ...person,
})
const finished = submitted.extend({
  state: named.describe('As `ok`, `error` or `deleted`.'),
  exit_code: z.int(wanted('a whole number')).nullish(),
  runtime_seconds: amount.nullish(),
  wait_seconds: amount.nullish().describe('How long it waited to be run.'),
  cores: amount.nullish(),
  memory_bytes: amount.nullish(),
})
const filed = z.looseObject({
  file_id: someId,
  file_name: text.nullish(),
  size: amount.nullish().describe('Bytes.'),
  format: text.nullish(),
  ...person,
})

/** What the payload of each known type holds at least; more is let through. */
export const knownPayloads: Record<string, z.ZodObject> = {
  'user_activity.signup': signedUp.describe('Somebody signed up.'),
  'user_activity.login': signedUp.describe('Somebody logged in.'),
  'view_resource.dataset': viewed.describe('A dataset was looked at.'),
  'view_resource.file': viewed.describe('A file was looked at.'),
  'view_resource.collection': viewed.describe('A collection was looked at.'),
  'view_resource.space': viewed.describe('A space was looked at.'),
  'extraction.file': extracted.describe('An extractor was asked to work on a file.'),
  'extraction.dataset': extracted.describe('An extractor was asked to work on a dataset.'),
  'extraction.selection': extracted.describe('An extractor was asked to work on a selection.'),
  'upload.file': uploaded.describe('A file was uploaded.'),
  'download.file': moved.describe('A file was downloaded.'),
  'download.dataset': moved.describe('A dataset was downloaded.'),
  'archive.file': moved.describe('A file was archived.'),
  'archive.dataset': moved.describe('A dataset was archived.'),
  'unarchive.file': moved.describe('A file was taken out of the archive.'),
  'unarchive.dataset': moved.describe('A dataset was taken out of the archive.'),
  'service_status.up': serviceUp.describe('What a monitor says of a service.'),
  'probe.ping': pinged.describe('A probe has pinged a host.'),
  'probe.tcp': connected.describe('A probe has connected to a port.'),
  'probe.http': requested.describe('A probe has asked for an address.'),
  'probe.nginx': counted.describe('A probe has counted the connections or clients of an nginx.'),
  'probe.silent': listened.describe('Nothing is heard of a probe.'),
  'probe.heard': listened.extend({ silent_seconds: number }).describe('A probe is heard again.'),
  'probe.dropped': dropped.describe('A probe could not keep all its results until its hub was there again.'),
  'workflow.invocation': point.describe('A workflow was invoked: the point that `collect` makes of it.'),
  'workflow.rejected': point.describe('An invocation was rejected: the point that `collect` makes of it.'),
  'workflow.reporting': point.describe("The collector's own numbers: the point that it makes of them."),
  'job.submitted': submitted.describe('A job was submitted.'),
  'job.finished': finished.describe('A job came to its end.'),
  'file.created': filed.describe('A file came to be.'),
  'file.deleted': filed.describe('A file was deleted.'),
}
