-- What coflow works out and sends.

create table weekly_metrics (
    team_id bigint not null references team on delete cascade,
    week_on date not null check (extract(isodow from week_on) = 1),
    opened_count bigint not null,
    merged_count bigint not null,
    closed_unmerged_count bigint not null,
    contributor_count bigint not null,
    review_count bigint not null,
    reviewer_count bigint not null,
    busiest_reviewer_share double precision,
    median_cycle_hours double precision,
    p90_cycle_hours double precision,
    median_first_review_hours double precision,
    merged_unreviewed_count bigint not null,
    median_lines_changed double precision,
    revert_count bigint not null,
    bot_merged_count bigint not null,
    ai_merged_count bigint not null,
    median_cycle_hours_with_ai double precision,
    median_cycle_hours_without_ai double precision,
    sample_with_ai bigint not null,
    sample_without_ai bigint not null,
    measured_at timestamptz not null,
    primary key (team_id, week_on)
);

create table insight (
    team_id bigint not null references team on delete cascade,
    window_days integer not null check (window_days between 1 and 3650),
    day date not null,
    headline text not null,
    detail text not null,
    recommendation text not null,
    actions text[] not null,
    -- Unchanged input means no new text, and no new cost.
    input_hash text not null,
    input jsonb not null,
    written_by text not null,
    is_fallback boolean not null,
    written_at timestamptz not null,
    primary key (team_id, window_days, day)
);

-- One row an e-mail, written before it is sent. The key makes a second one of the same incident impossible.
create table email_outbox (
    id bigint generated always as identity primary key,
    team_id bigint not null references team on delete cascade,
    idempotency_key text not null unique,
    template text not null,
    recipient text not null,
    fields jsonb not null default '{}',
    queued_at timestamptz not null,
    sent_at timestamptz,
    failed_at timestamptz,
    failure text
);
create index email_outbox_team on email_outbox (team_id);
create index email_outbox_waiting on email_outbox (queued_at) where sent_at is null;

-- Nights span teams and hold counts only.
create table night_run (
    workflow_id text primary key,
    dispatched integer not null,
    succeeded integer not null,
    skipped jsonb not null,
    parked integer not null,
    failed integer not null,
    duration_seconds bigint not null,
    finished_at timestamptz not null
);
create index night_run_finished on night_run (finished_at desc);
