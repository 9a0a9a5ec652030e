-- The circuit breaker: many teams that fail alike at once are GitHub's trouble, or this deployment's, and no team's. All workers share it.

-- The latest failure of each kind that a team met. Its next success at GitHub removes it.
create table github_trouble (
    team_id bigint not null references team on delete cascade,
    -- 'rejected': 401 of a team's credential. 'unavailable': 5xx, no answer, no connection. 'app_key': the App's own JWT.
    kind text not null check (kind in ('rejected', 'unavailable', 'app_key')),
    failed_at timestamptz not null,
    primary key (team_id, kind)
);
create index github_trouble_kind on github_trouble (kind, failed_at);

create table github_breaker (
    kind text primary key check (kind in ('rejected', 'unavailable', 'app_key')),
    -- 'open' holds every team. 'narrowed' holds those with a trouble of this kind only: another team got through meanwhile.
    state text not null default 'closed' check (state in ('closed', 'open', 'narrowed')),
    changed_at timestamptz not null,
    -- Teams that had failed alike when it opened last.
    teams integer not null default 0 check (teams >= 0),
    openings bigint not null default 0,
    -- From then on one step may try. Whoever tries moves it forward, so that nobody else does.
    next_probe_at timestamptz,
    check ((state = 'closed') = (next_probe_at is null))
);
insert into github_breaker (kind, changed_at)
values ('rejected', now()), ('unavailable', now()), ('app_key', now());
