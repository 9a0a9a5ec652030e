-- Which ends of credentials people were told of, and how long before. A renewed credential has another end and is told of anew.
create table credential_notice (
    team_id bigint not null references team on delete cascade,
    ends_at timestamptz not null,
    notice text not null check (notice in ('expires_in_14_days', 'expires_in_7_days', 'expires_in_1_day')),
    noticed_at timestamptz not null,
    primary key (team_id, ends_at, notice)
);
