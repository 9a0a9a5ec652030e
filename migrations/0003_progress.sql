-- Where a team's work is. All of it is in the database, so that a killed worker loses nothing but its last page.

-- The walk over a team's repositories, at most one a team. The row of a finished walk stays until the next one begins.
create table team_walk (
    team_id bigint primary key references team on delete cascade,
    phase text not null check (phase in ('quick_start', 'background', 'night')),
    started_at timestamptz not null,
    -- How far back the phase reaches. A night has a floor of its own for each repository.
    floor_at timestamptz,
    -- Only a complete listing tells which repositories need requests and which are gone.
    listing_finished boolean not null default false,
    finished_at timestamptz,
    check ((phase = 'night') = (floor_at is null))
);

create table team_progress (
    team_id bigint primary key references team on delete cascade,
    phase text check (phase in ('quick_start', 'background', 'night')),
    step text check (step in ('members', 'pull_requests', 'copilot', 'analysis', 'metrics', 'insights')),
    step_started_at timestamptz,
    -- Of the current walk. Written in the transaction of the page they count.
    pull_requests_stored bigint not null default 0,
    pull_requests_refetched bigint not null default 0,
    -- A wait for a rate limit is a state with an end, not a silence.
    waiting_until timestamptz,
    waiting_reason text,
    check ((waiting_until is null) = (waiting_reason is null))
);

-- What a reconnect kept, and what was fetched (again) from there to the end of the step.
create table reconnect_receipt (
    id bigint generated always as identity primary key,
    team_id bigint not null references team on delete cascade,
    phase text not null check (phase in ('quick_start', 'background', 'night')),
    step text not null check (step in ('members', 'pull_requests', 'copilot', 'analysis', 'metrics', 'insights')),
    kept_members bigint not null,
    kept_pull_requests bigint not null,
    fetched_pull_requests bigint not null default 0,
    refetched_pull_requests bigint not null default 0,
    resumed_at timestamptz not null,
    finished_at timestamptz
);
create index reconnect_receipt_team on reconnect_receipt (team_id, id desc);
-- A repeated write of the same reconnect finds the open receipt.
create unique index reconnect_receipt_open on reconnect_receipt (team_id) where finished_at is null;
