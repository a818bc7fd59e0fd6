// The Galaxy host as the site's own roles leave it: PostgreSQL with Galaxy's tables, nginx, logrotate, and a stand-in
// for Galaxy that writes rows as Galaxy does.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { request } from '../services/http.ts'
import { encodeId } from '../world/encoded_id.ts'
import { type Machine, until } from './machine.ts'
import type { Secrets } from './secrets.ts'
import { authorityFile, statsName } from './stats_site.ts'

export const galaxyName = 'galaxy.usegalaxy.org.au'
export const databaseUrl = ({ databasePassword }: Secrets) =>
  `postgres://reader:${databasePassword}@127.0.0.1:5432/galaxy`

/** Stored workflows by number; the one with an origin, and those without. */
export const workflowIds = [11, 12, 13, 14, 15]

export async function setUpGalaxy(
  machine: Machine,
  stats: Machine,
  authority: string,
  secrets: Secrets,
): Promise<void> {
  await machine.must(`echo '${stats.address} ${statsName}' >> /etc/hosts`)
  await machine.write(authorityFile, authority)
  await machine.must('systemctl enable --now postgresql')
  const psql = 'runuser -u postgres -- psql -q -v ON_ERROR_STOP=1'
  const tables = await readFile(join(import.meta.dirname, '../services/galaxy.sql'), 'utf8')
  await machine.must(psql, {
    input: `CREATE ROLE reader LOGIN PASSWORD '${secrets.databasePassword}';\nCREATE ROLE galaxy LOGIN;\nCREATE DATABASE galaxy;\n`,
  })
  await machine.must(`${psql} galaxy`, { input: `${tables}\n${rows}` })

  const encoded = Object.fromEntries(workflowIds.map((id) => [encodeId(secrets.idSecret, id), id * 10]))
  await machine.write('/opt/galaxy/workflows.json', JSON.stringify(encoded))
  await machine.write('/opt/galaxy/galaxy.py', await readFile(join(import.meta.dirname, 'galaxy_stand_in.py'), 'utf8'))
  await machine.must('useradd --system galaxy')
  await machine.write('/etc/systemd/system/galaxy.service', galaxyUnit)
  await machine.write('/etc/nginx/sites-enabled/default', nginxSite)
  await machine.write('/etc/logrotate.d/nginx', logrotate)
  await machine.must('mkdir -p /var/log/nginx/olddir && chown www-data:adm /var/log/nginx/olddir')
  await machine.must('systemctl enable --now galaxy nginx')
  await until(
    30_000,
    async () => (await request(`http://${machine.address}/api/version`).catch(() => ({ status: 0 }))).status === 200,
    () => machine.must('systemctl status galaxy nginx; journalctl -n 40'),
  )
}

const metadata = `{"trs_server": "dockstore", "trs_tool_id": "#workflow/github.com/iwc-workflows/rnaseq-pe/main", "trs_version_id": "v0.9", "trs_url": ""}`
const rows = `
INSERT INTO galaxy_user (email) VALUES ('anybody@example.org');
INSERT INTO history (user_id) VALUES (1);
BEGIN;
INSERT INTO stored_workflow (id, user_id, name, latest_workflow_id)
  SELECT id, 1, 'Workflow ' || id, id * 10 FROM unnest(ARRAY[${workflowIds}]) AS id;
INSERT INTO workflow (id, stored_workflow_id, name, create_time, update_time, source_metadata)
  SELECT id * 10, id, 'Workflow ' || id, now() - interval '1 day', now(),
    CASE WHEN id = ${workflowIds[0]} THEN convert_to('${metadata}', 'UTF8') END
  FROM unnest(ARRAY[${workflowIds}]) AS id;
COMMIT;
GRANT SELECT, INSERT ON workflow_invocation TO galaxy;
GRANT USAGE ON SEQUENCE workflow_invocation_id_seq TO galaxy;
`

const galaxyUnit = `[Unit]
After=postgresql@15-main.service
[Service]
User=galaxy
Environment=DATABASE=dbname=galaxy
Environment=WORKFLOWS=/opt/galaxy/workflows.json
ExecStart=/usr/bin/python3 /opt/galaxy/galaxy.py
Restart=always
[Install]
WantedBy=multi-user.target
`

const nginxSite = `server {
  listen 80 default_server;
  access_log /var/log/nginx/access.log combined;
  location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
  }
}
`

/** As on Galaxy Australia's hosts: into another folder, nginx reopens. The name tells the second, to rotate twice a day. */
const logrotate = `/var/log/nginx/*.log {
  daily
  missingok
  rotate 14
  dateext
  dateformat -%Y%m%d-%s
  olddir /var/log/nginx/olddir
  compress
  delaycompress
  notifempty
  create 0640 www-data adm
  sharedscripts
  postrotate
    [ -f /run/nginx.pid ] && kill -USR1 $(cat /run/nginx.pid)
  endscript
}
`
