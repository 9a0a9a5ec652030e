-- What a language model writes: analyses and insights, what it costs, and how its server answers.

alter table pull_request
    drop constraint pull_request_ai_evidence_check,
    add constraint pull_request_ai_evidence_check check (ai_evidence in
        ('none', 'active_that_day', 'read_by_model', 'co_author_trailer', 'authored_by_agent')),
    add column risk text check (risk in ('low', 'medium', 'high')),
    add column review_friction text check (review_friction in ('low', 'medium', 'high')),
    -- Why the rules wrote the analysis although a model was to. Such a one is tried again on later nights.
    add column analysis_fallback text,
    -- What was wrong with the model's answer.
    add column analysis_failure text,
    -- UTC day of the latest try: none is tried twice in a night.
    add column analysis_tried_on date,
    -- How many nights in a row the answer was not valid; after a few it is left as it is.
    add column analysis_failed_nights integer not null default 0;
create index pull_request_fallback on pull_request (team_id, updated_at desc) where analysis_fallback is not null;

-- `is_fallback` stays for programs that know only that.
alter table insight add column fallback text;

-- Tokens that a team has used on a UTC day, reserved before they are spent: a worker that dies leaves a few too many counted.
create table llm_usage (
    team_id bigint not null references team on delete cascade,
    day date not null,
    tokens bigint not null default 0,
    requests bigint not null default 0,
    primary key (team_id, day)
);

-- The same of the deployment: it stays when a team is removed.
create table llm_day (
    day date primary key,
    tokens bigint not null default 0,
    requests bigint not null default 0
);

-- How the server answered last: one row.
create table llm_server (
    is_only boolean primary key default true check (is_only),
    answered_at timestamptz,
    -- What an operator has to mend, since when and when it was seen last; all null when all is well.
    trouble text,
    trouble_message text,
    trouble_since timestamptz,
    trouble_seen_at timestamptz,
    check ((trouble is null) = (trouble_since is null))
);

-- Batches handed to the server. The row is written before the batch is, so that a worker that dies in between finds it again by its key
-- and nothing is paid twice.
create table llm_batch (
    key text primary key,
    team_id bigint not null references team on delete cascade,
    -- The server's id; unknown while it is handed over.
    server_id text,
    request_count integer not null,
    -- Reserved for it; given back for what it did not use.
    reserved_tokens bigint not null,
    begun_at timestamptz not null,
    ended_at timestamptz
);
create unique index llm_batch_open on llm_batch (team_id) where ended_at is null;
