-- The tables of Galaxy's database that the collector reads, with types, keys and indexes as Galaxy makes them, and some
-- columns that it must never be able to read. The defaults are for the tests' ease; Galaxy sets its own from Python.

CREATE TABLE galaxy_user (
  id          serial PRIMARY KEY,
  create_time timestamp without time zone,
  update_time timestamp without time zone,
  email       varchar(255) NOT NULL,
  username    varchar(255),
  password    varchar(255) NOT NULL DEFAULT 'PBKDF2$sha256$100000$never$read',
  external    boolean DEFAULT false,
  deleted     boolean DEFAULT false,
  active      boolean NOT NULL DEFAULT true
);
CREATE INDEX ix_galaxy_user_email ON galaxy_user (email);
CREATE UNIQUE INDEX ix_galaxy_user_username ON galaxy_user (username);

CREATE TABLE history (
  id          serial PRIMARY KEY,
  create_time timestamp without time zone,
  update_time timestamp without time zone,
  user_id     integer REFERENCES galaxy_user (id),
  name        text DEFAULT 'Unnamed history',
  slug        text,
  deleted     boolean DEFAULT false,
  purged      boolean DEFAULT false
);
CREATE INDEX ix_history_user_id ON history (user_id);

CREATE TABLE stored_workflow (
  id                 serial PRIMARY KEY,
  create_time        timestamp without time zone,
  update_time        timestamp without time zone,
  user_id            integer NOT NULL REFERENCES galaxy_user (id),
  latest_workflow_id integer,
  name               text,
  slug               text,
  from_path          text,
  deleted            boolean DEFAULT false,
  hidden             boolean DEFAULT false,
  importable         boolean DEFAULT false,
  published          boolean DEFAULT false
);
CREATE INDEX ix_stored_workflow_update_time ON stored_workflow (update_time);
CREATE INDEX ix_stored_workflow_user_id ON stored_workflow (user_id);
CREATE INDEX ix_stored_workflow_latest_workflow_id ON stored_workflow (latest_workflow_id);

CREATE TABLE workflow (
  id                  serial PRIMARY KEY,
  create_time         timestamp without time zone NOT NULL,
  update_time         timestamp without time zone NOT NULL,
  stored_workflow_id  integer REFERENCES stored_workflow (id),
  parent_workflow_id  integer REFERENCES workflow (id),
  name                text,
  has_cycles          boolean DEFAULT false,
  has_errors          boolean DEFAULT false,
  reports_config      bytea,
  creator_metadata    bytea,
  license             text,
  source_metadata     bytea,
  uuid                char(32)
);
CREATE INDEX ix_workflow_stored_workflow_id ON workflow (stored_workflow_id);

-- Deferred, so that a test may write both rows in either order in one transaction.
ALTER TABLE stored_workflow ADD CONSTRAINT stored_workflow_latest_workflow_id_fk
  FOREIGN KEY (latest_workflow_id) REFERENCES workflow (id) DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE workflow_invocation (
  id          serial PRIMARY KEY,
  create_time timestamp without time zone NOT NULL,
  update_time timestamp without time zone NOT NULL,
  workflow_id integer NOT NULL REFERENCES workflow (id),
  history_id  integer REFERENCES history (id),
  state       varchar(64) DEFAULT 'new',
  scheduler   varchar(255),
  handler     varchar(255),
  uuid        char(32)
);
CREATE INDEX ix_workflow_invocation_workflow_id ON workflow_invocation (workflow_id);
CREATE INDEX ix_workflow_invocation_history_id ON workflow_invocation (history_id);
CREATE INDEX ix_workflow_invocation_update_time ON workflow_invocation (update_time);
CREATE INDEX ix_workflow_invocation_handler ON workflow_invocation (handler);
CREATE INDEX ix_workflow_invocation_state ON workflow_invocation (state);

CREATE TABLE workflow_invocation_to_subworkflow_invocation_association (
  id                        serial PRIMARY KEY,
  workflow_invocation_id    integer REFERENCES workflow_invocation (id),
  subworkflow_invocation_id integer REFERENCES workflow_invocation (id),
  workflow_step_id          integer
);
CREATE INDEX ix_wfi_swi_workflow_invocation_id
  ON workflow_invocation_to_subworkflow_invocation_association (workflow_invocation_id);
CREATE INDEX ix_wfi_swi_subworkflow_invocation_id
  ON workflow_invocation_to_subworkflow_invocation_association (subworkflow_invocation_id);

GRANT SELECT (id, email, username) ON galaxy_user TO reader;
GRANT SELECT (id, user_id) ON history TO reader;
GRANT SELECT (id, user_id, latest_workflow_id, name, deleted, published, importable, update_time)
  ON stored_workflow TO reader;
GRANT SELECT (id, stored_workflow_id, name, uuid, source_metadata, create_time, update_time) ON workflow TO reader;
GRANT SELECT (id, workflow_id, history_id, state, uuid, handler, scheduler, create_time, update_time)
  ON workflow_invocation TO reader;
GRANT SELECT (workflow_invocation_id, subworkflow_invocation_id, workflow_step_id)
  ON workflow_invocation_to_subworkflow_invocation_association TO reader;
