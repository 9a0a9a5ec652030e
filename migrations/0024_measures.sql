-- More measures of a week: waiting, rounds of review, hotfixes, and how concentrated the work is. Weeks that were measured before have
-- none of them until the next night measures them again.
alter table weekly_metrics
    add column first_review_count bigint not null default 0,
    add column median_review_to_merge_hours double precision,
    add column review_to_merge_count bigint not null default 0,
    add column median_review_rounds double precision,
    add column review_rounds_count bigint not null default 0,
    add column hotfix_count bigint not null default 0,
    add column busiest_author_share double precision,
    add column busiest_repository_share double precision,
    add column waiting_count bigint not null default 0;

-- What waits for a first review is measured however long ago it last changed.
create index pull_request_waiting on pull_request (team_id) where state = 'open' and first_review_at is null;

-- A sum of many days has no end beyond its type, and of nothing reported it stays unknown.
create function copilot_total(total numeric) returns bigint
    language sql immutable strict parallel safe
    return least(total, 9223372036854775807)::bigint;
