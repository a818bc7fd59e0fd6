-- The tables of Galaxy's database that the collector reads, with the columns that matter.
create table galaxy_user (
  id serial primary key,
  email varchar(255) not null,
  username varchar(255)
);

create table history (
  id serial primary key,
  user_id integer references galaxy_user
);

create table stored_workflow (
  id serial primary key,
  user_id integer not null references galaxy_user,
  latest_workflow_id integer,
  name text,
  deleted boolean default false,
  published boolean default false,
  importable boolean default false,
  update_time timestamp without time zone
);

create table workflow (
  id serial primary key,
  stored_workflow_id integer references stored_workflow,
  name text,
  uuid char(32),
  source_metadata bytea,
  create_time timestamp without time zone,
  update_time timestamp without time zone
);
create index on workflow (stored_workflow_id);

create table workflow_invocation (
  id serial primary key,
  workflow_id integer not null references workflow,
  history_id integer references history,
  state varchar(64),
  uuid char(32),
  handler varchar(255),
  scheduler varchar(255),
  create_time timestamp without time zone,
  update_time timestamp without time zone
);
create index on workflow_invocation (workflow_id);
create index on workflow_invocation (update_time);

create table workflow_invocation_to_subworkflow_invocation_association (
  id serial primary key,
  workflow_invocation_id integer references workflow_invocation,
  subworkflow_invocation_id integer references workflow_invocation,
  workflow_step_id integer
);
create index on workflow_invocation_to_subworkflow_invocation_association (subworkflow_invocation_id);
