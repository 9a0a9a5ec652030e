-- How each team's nights ended, for the strip of its last nights. One row a team and UTC day: a night that parks and later
-- succeeds after a reconnect counts as what it ended as.
create table team_night (
    team_id bigint not null references team (id) on delete cascade,
    night_on date not null,
    outcome text not null check (outcome in ('succeeded', 'parked', 'failed')),
    cause text,
    evidence_id bigint,
    recorded_at timestamptz not null,
    primary key (team_id, night_on)
);
