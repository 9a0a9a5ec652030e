-- Listings of members and of repositories while they are read, and what is known of whoever and whatever they do not name.

-- A listing is read in slices: each page is stored, then the cursor moves, so that any worker goes on there. The row goes away with
-- the listing's end.
create table listing (
    team_id bigint not null references team on delete cascade,
    kind text not null check (kind in ('members', 'repositories')),
    -- What it names was seen then, however many slices it takes.
    started_at timestamptz not null,
    -- Where the next page begins; null before the first page and after the last.
    cursor text,
    -- GitHub put null in the place of somebody or something: whoever is not named may still be there.
    has_gaps boolean not null default false,
    -- The last page is stored; what is left is to look up whoever it did not name.
    is_read boolean not null default false,
    -- Begun anew, since GitHub did not take the cursor any more. It is done once.
    was_restarted boolean not null default false,
    primary key (team_id, kind),
    check (not is_read or cursor is null)
);

-- Start of the listing with gaps after which this one was looked up by itself.
alter table member add column looked_up_at timestamptz;
alter table tracked_repository add column looked_up_at timestamptz;

-- Since when a repository could not be read. Unlike the state of a walk it stays, with the cause, until it is read again.
alter table tracked_repository add column failed_since timestamptz;
update tracked_repository r
set failed_since = coalesce((select e.happened_at from failure_evidence e where e.id = r.failed_evidence_id), r.seen_at)
where r.failed_cause is not null;
