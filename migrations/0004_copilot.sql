-- Copilot. Every counter may be null: GitHub leaves out what it does not know, and absent is not zero.

-- One day of a whole organization. Never attributed to a member.
create table copilot_organization_day (
    team_id bigint not null references team on delete cascade,
    day date not null,
    interactions bigint,
    generations bigint,
    acceptances bigint,
    lines_suggested_to_add bigint,
    lines_suggested_to_delete bigint,
    lines_added bigint,
    lines_deleted bigint,
    daily_active_users bigint,
    weekly_active_users bigint,
    monthly_active_users bigint,
    -- The record as it came: columns may be added later and filled from here.
    raw jsonb not null,
    stored_at timestamptz not null,
    primary key (team_id, day)
);

create table copilot_member_day (
    team_id bigint not null references team on delete cascade,
    -- Not a reference to member: reports name people who have left or were never listed.
    github_id bigint not null,
    day date not null,
    login text not null,
    interactions bigint,
    generations bigint,
    acceptances bigint,
    lines_suggested_to_add bigint,
    lines_suggested_to_delete bigint,
    lines_added bigint,
    lines_deleted bigint,
    used_agent boolean,
    used_chat boolean,
    raw jsonb not null,
    stored_at timestamptz not null,
    primary key (team_id, github_id, day)
);
create index copilot_member_day_day on copilot_member_day (team_id, day);

-- The breakdowns are of the organization's day and vanish with it.
create table copilot_language_day (
    team_id bigint not null,
    day date not null,
    language text not null,
    feature text not null,
    interactions bigint,
    generations bigint,
    acceptances bigint,
    lines_suggested_to_add bigint,
    lines_suggested_to_delete bigint,
    lines_added bigint,
    lines_deleted bigint,
    primary key (team_id, day, language, feature),
    foreign key (team_id, day) references copilot_organization_day on delete cascade
);

create table copilot_ide_day (
    team_id bigint not null,
    day date not null,
    ide text not null,
    interactions bigint,
    generations bigint,
    acceptances bigint,
    lines_suggested_to_add bigint,
    lines_suggested_to_delete bigint,
    lines_added bigint,
    lines_deleted bigint,
    primary key (team_id, day, ide),
    foreign key (team_id, day) references copilot_organization_day on delete cascade
);

create table copilot_feature_model_day (
    team_id bigint not null,
    day date not null,
    feature text not null,
    model text not null,
    interactions bigint,
    generations bigint,
    acceptances bigint,
    lines_suggested_to_add bigint,
    lines_suggested_to_delete bigint,
    lines_added bigint,
    lines_deleted bigint,
    primary key (team_id, day, feature, model),
    foreign key (team_id, day) references copilot_organization_day on delete cascade
);

-- Completeness: which report of which day is stored, may still change, does not exist, or could not be read.
create table copilot_ledger (
    team_id bigint not null references team on delete cascade,
    day date not null,
    report text not null check (report in ('organization-1-day', 'users-1-day')),
    state text not null check (state in ('final', 'provisional', 'absent', 'failed')),
    reason text,
    file_count integer not null default 0,
    row_count integer not null default 0,
    fetched_at timestamptz not null,
    primary key (team_id, day, report),
    -- A gap without a reason could not be explained to anybody.
    check (state in ('final', 'provisional') or reason is not null)
);

-- GitHub keeps no history of seats: one row a day is ours.
create table seat_snapshot (
    team_id bigint not null references team on delete cascade,
    day date not null,
    seats_total bigint not null,
    added_this_cycle bigint,
    pending_cancellation bigint,
    pending_invitation bigint,
    active_this_cycle bigint,
    inactive_this_cycle bigint,
    seat_management_setting text not null,
    plan_type text,
    taken_at timestamptz not null,
    primary key (team_id, day)
);

-- Seats as they are now.
create table seat (
    team_id bigint not null references team on delete cascade,
    assignee_github_id bigint not null,
    assignee_login text not null,
    created_at timestamptz,
    last_activity_at timestamptz,
    last_activity_editor text,
    pending_cancellation_on date,
    plan_type text,
    seen_on date not null,
    primary key (team_id, assignee_github_id)
);

-- When the seats were listed first: seats known from that listing on were not "added" that day.
create table seat_listing (
    team_id bigint primary key references team on delete cascade,
    first_listed_on date not null,
    last_listed_on date not null
);

create table seat_event (
    team_id bigint not null references team on delete cascade,
    day date not null,
    assignee_github_id bigint not null,
    kind text not null check (kind in ('added', 'removed')),
    assignee_login text not null,
    happened_at timestamptz not null,
    primary key (team_id, day, assignee_github_id, kind)
);
