// What the operator would have written in the configuration, as far as it changes the points.

export type Settings = {
  idSecret: string
  urlPrefix: string
  matchInvocations: boolean
  maxRequestSeconds: number
  domains: string[]
  /** `timed`: a format of the operator's own, which also has `$request_time` and `$host`. */
  logFormat: 'combined' | 'timed'
  identityLocal: 'name' | 'stored_workflow'
  registries: Record<string, string>
  hideUnpublishedNames: boolean
  /** False for a Galaxy older than 22.05, whose `workflow` table has no such column. Not a setting, but a fact. */
  hasSourceMetadata: boolean
}

export const defaultSettings: Settings = {
  idSecret: 'a secret of this world only',
  urlPrefix: '',
  matchInvocations: true,
  maxRequestSeconds: 120,
  logFormat: 'combined',
  domains: ['usegalaxy.org.au', 'genome.usegalaxy.org.au', 'proteomics.usegalaxy.org.au', 'galaxy.example.edu'],
  identityLocal: 'name',
  registries: {},
  hideUnpublishedNames: false,
  hasSourceMetadata: true,
}

const timedFormat =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" ' +
  '$request_time $host'

/** The same as an object for `config.yml`, to which the servers' addresses are to be added. */
export function configurationOf(settings: Settings, databaseUrl: string): Record<string, unknown> {
  return {
    galaxy: {
      database_url: databaseUrl,
      id_secret: settings.idSecret,
      url_prefix: settings.urlPrefix,
      match_invocations: settings.matchInvocations,
      max_request_seconds: settings.maxRequestSeconds,
    },
    domains: settings.domains,
    nginx: { access_log: 'access.log', log_format: settings.logFormat === 'timed' ? timedFormat : 'combined' },
    identity: {
      local: settings.identityLocal,
      registries: settings.registries,
      hide_unpublished_names: settings.hideUnpublishedNames,
    },
  }
}
