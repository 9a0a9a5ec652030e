-- Teams, the people who look at them, how coflow reaches GitHub for them, and what happened to them.
-- Every table of a team starts its key with team_id and cascades from team: removing a team removes its data.

create table team (
    id bigint generated always as identity primary key,
    -- Given once and never changed: workflow ids are built from it.
    key text not null unique check (key <> ''),
    -- The organization's login today; an organization may be renamed.
    slug text not null check (slug <> ''),
    github_id bigint unique,
    name text not null,
    history_days integer not null default 90 check (history_days between 1 and 3650),
    created_at timestamptz not null,

    -- A projection of the workflow for pages to read. The workflow is the truth.
    pipeline_status text not null default 'not_started' check (pipeline_status in (
        'not_started', 'syncing_members', 'syncing', 'syncing_copilot', 'llm_processing', 'computing_metrics',
        'computing_insights', 'phase1_complete', 'background_syncing', 'background_llm', 'background_metrics',
        'background_insights', 'complete', 'awaiting_reconnect', 'failed')),
    pipeline_cause text,
    pipeline_evidence_id bigint,
    pipeline_changed_at timestamptz not null,
    -- Set once, when the background phase ends: a later failure of a night must not read as a failed onboarding.
    onboarded_at timestamptz,

    copilot_status text not null default 'disabled' check (copilot_status in (
        'disabled', 'connected', 'insufficient_licenses', 'token_revoked', 'needs_attention')),
    copilot_cause text,
    copilot_evidence_id bigint,
    copilot_status_since timestamptz not null,
    copilot_skip_reason text check (copilot_skip_reason in ('not_connected')),
    copilot_last_sync_at timestamptz,
    -- Newest day with a stored report: what "fresh" means to a reader, unlike the time of the last run.
    copilot_fresh_through date,
    copilot_consecutive_failures integer not null default 0 check (copilot_consecutive_failures >= 0),
    -- Failures count once a day, so that a repeated write of the same failure counts once.
    copilot_last_failure_on date
);
-- GitHub's logins do not differ by case alone.
create unique index team_slug on team (lower(slug));

create table app_user (
    id bigint generated always as identity primary key,
    -- Logins and e-mail addresses change hands; the numeric id does not.
    github_id bigint not null unique,
    login text not null,
    name text,
    email text,
    created_at timestamptz not null
);

create table membership (
    team_id bigint not null references team on delete cascade,
    user_id bigint not null references app_user on delete cascade,
    role text not null check (role in ('admin', 'member')),
    created_at timestamptz not null,
    primary key (team_id, user_id)
);
create index membership_user on membership (user_id);

create table installation (
    team_id bigint primary key references team on delete cascade,
    github_id bigint not null unique,
    permissions jsonb not null default '{}',
    suspended_at timestamptz,
    removed_at timestamptz,
    updated_at timestamptz not null
);

-- One row a team: a reconnect replaces the token in place, so that no walk is left holding an old one.
create table credential (
    team_id bigint primary key references team on delete cascade,
    kind text not null check (kind in ('app_installation', 'oauth_user_token', 'personal_token')),
    -- Which key sealed it: a deployment may hold several while it changes keys.
    key_id text not null,
    -- Nonce, then the sealed token. Never the token itself.
    ciphertext bytea not null,
    login text,
    scopes text[] not null default '{}',
    expires_at timestamptz,
    stored_at timestamptz not null,
    revoked_at timestamptz,
    revoked_cause text
);

-- What GitHub said when it refused, for the person who has to mend it. Never a token, never a signed link.
create table failure_evidence (
    id bigint generated always as identity primary key,
    team_id bigint not null references team on delete cascade,
    cause text not null,
    endpoint text not null,
    http_status integer,
    message text not null,
    request_id text not null default '',
    probe text,
    happened_at timestamptz not null,
    -- The same failure written twice is one row.
    unique (team_id, happened_at, cause, endpoint, request_id)
);

alter table team
    add foreign key (pipeline_evidence_id) references failure_evidence on delete set null,
    add foreign key (copilot_evidence_id) references failure_evidence on delete set null;

create table status_event (
    id bigint generated always as identity primary key,
    team_id bigint not null references team on delete cascade,
    kind text not null check (kind in ('pipeline', 'copilot', 'credential')),
    from_status text,
    to_status text not null,
    cause text,
    evidence_id bigint references failure_evidence on delete set null,
    happened_at timestamptz not null
);
create index status_event_team on status_event (team_id, id desc);
