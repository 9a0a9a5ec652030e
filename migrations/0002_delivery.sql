-- What GitHub reports about people, repositories and pull requests.

create table member (
    team_id bigint not null references team on delete cascade,
    github_id bigint not null,
    login text not null,
    name text,
    email text,
    role text not null check (role in ('admin', 'member')),
    -- People who left stay as inactive: their pull requests remain.
    is_active boolean not null default true,
    first_seen_at timestamptz not null,
    -- Start of the listing that saw them last: who is older than a complete listing has left.
    seen_at timestamptz not null,
    primary key (team_id, github_id)
);

create table tracked_repository (
    team_id bigint not null references team on delete cascade,
    -- Names change; a renamed repository keeps its row and its watermark.
    github_id bigint not null,
    full_name text not null,
    is_archived boolean not null,
    is_disabled boolean not null,
    is_empty boolean not null,
    is_fork boolean not null,
    is_private boolean not null,
    pull_request_count bigint not null,
    latest_change_at timestamptz,
    seen_at timestamptz not null,
    -- Absent from a complete listing. Its data stays: absence may be a lost permission.
    missing_since timestamptz,

    -- Everything that changed up to here and after covered_back_to is stored. Moves only at the end of a walk.
    watermark_at timestamptz,
    covered_back_to timestamptz,
    -- Where an earlier backfill stopped at its floor, so that a deeper one goes on there instead of reading all again.
    backfill_cursor text,

    walk_state text not null default 'none' check (walk_state in ('none', 'pending', 'running', 'done', 'failed')),
    walk_cursor text,
    walk_floor_at timestamptz,
    -- The watermark this walk will have earned at its end: the latest change known when it was planned.
    walk_candidate_at timestamptz,
    walk_page_size integer not null default 25 check (walk_page_size between 1 and 100),
    failed_cause text,
    failed_evidence_id bigint references failure_evidence on delete set null,
    primary key (team_id, github_id),
    -- A walk in work always knows where to stop.
    check (walk_state not in ('pending', 'running') or walk_floor_at is not null)
);
create index tracked_repository_walk on tracked_repository (team_id, walk_state, full_name)
    where walk_state in ('pending', 'running');

create table pull_request (
    team_id bigint not null,
    repository_github_id bigint not null,
    number bigint not null,
    github_id bigint not null,
    title text not null,
    body text not null,
    state text not null check (state in ('open', 'closed', 'merged')),
    is_draft boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    merged_at timestamptz,
    closed_at timestamptz,
    additions bigint not null,
    deletions bigint not null,
    changed_file_count bigint not null,
    -- All three null: the account was deleted. The id alone null: an account kind without one.
    author_github_id bigint,
    author_login text,
    author_is_bot boolean,
    labels text[] not null default '{}',
    -- First review by a person other than the author, kept here because most readers want only this of the reviews.
    first_review_at timestamptz,
    -- Null where clocks disagree so far that the end precedes the beginning: not measurable is not zero.
    cycle_hours double precision generated always as (
        case when merged_at >= created_at then extract(epoch from (merged_at - created_at))::double precision / 3600 end
    ) stored,
    review_hours double precision generated always as (
        case when first_review_at >= created_at
            then extract(epoch from (first_review_at - created_at))::double precision / 3600 end
    ) stored,
    stored_at timestamptz not null,

    ai_evidence text check (ai_evidence in ('none', 'active_that_day', 'co_author_trailer', 'authored_by_agent')),
    ai_evidence_source text,
    change_kind text check (change_kind in (
        'feature', 'fix', 'revert', 'refactor', 'documentation', 'test', 'maintenance', 'other')),
    summary text,
    analysed_by text,
    -- The updated_at that the analysis saw: a later change asks for a new one.
    analysed_updated_at timestamptz,
    primary key (team_id, repository_github_id, number),
    foreign key (team_id, repository_github_id) references tracked_repository on delete cascade
);
create index pull_request_created on pull_request (team_id, created_at);
create index pull_request_closed on pull_request (team_id, closed_at) where closed_at is not null;
create index pull_request_unanalysed on pull_request (team_id, updated_at desc)
    where analysed_updated_at is null or analysed_updated_at < updated_at;

create table review (
    team_id bigint not null,
    repository_github_id bigint not null,
    number bigint not null,
    github_id bigint not null,
    author_github_id bigint,
    author_login text,
    author_is_bot boolean,
    state text not null check (state in ('approved', 'changes_requested', 'commented', 'dismissed')),
    submitted_at timestamptz not null,
    primary key (team_id, repository_github_id, number, github_id),
    foreign key (team_id, repository_github_id, number) references pull_request on delete cascade
);

create table pull_request_commit (
    team_id bigint not null,
    repository_github_id bigint not null,
    number bigint not null,
    oid text not null,
    message text not null,
    committed_at timestamptz not null,
    author_github_id bigint,
    primary key (team_id, repository_github_id, number, oid),
    foreign key (team_id, repository_github_id, number) references pull_request on delete cascade
);

create table pull_request_file (
    team_id bigint not null,
    repository_github_id bigint not null,
    number bigint not null,
    path text not null,
    additions bigint not null,
    deletions bigint not null,
    primary key (team_id, repository_github_id, number, path),
    foreign key (team_id, repository_github_id, number) references pull_request on delete cascade
);
