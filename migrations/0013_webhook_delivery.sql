-- What GitHub has told without being asked. Only facts and ids, no text of a payload: they lead to a question at GitHub, and its answer
-- to whatever follows.
create table webhook_delivery (
    -- GitHub's id of the delivery; a replay has the same.
    id text primary key check (id <> ''),
    event text not null,
    action text not null default '',
    installation_id bigint,
    organization_id bigint,
    sender_id bigint,
    received_at timestamptz not null,
    -- Nobody else takes it up before. Whoever takes it up moves it forward.
    next_attempt_at timestamptz not null,
    attempts integer not null default 0 check (attempts >= 0),
    -- What came of it; null until it was acted on.
    outcome text check (outcome in ('asking', 'noted', 'unknown_event', 'unknown_team')),
    finished_at timestamptz,
    check ((outcome is null) = (finished_at is null))
);
create index webhook_delivery_open on webhook_delivery (next_attempt_at) where finished_at is null;
create index webhook_delivery_finished on webhook_delivery (finished_at);
