-- All six reports of Copilot's usage metrics, every field that has a column, and days that are not believed.

alter table copilot_organization_day
    add column monthly_active_chat_users bigint,
    add column monthly_active_agent_users bigint,
    add column daily_active_cli_users bigint,
    add column cli_sessions bigint,
    add column cli_requests bigint,
    add column cli_prompts bigint,
    add column cli_prompt_tokens bigint,
    add column cli_output_tokens bigint,
    add column pull_requests_created bigint,
    add column pull_requests_reviewed bigint,
    add column pull_requests_merged bigint,
    add column median_minutes_to_merge double precision,
    add column pull_requests_created_by_copilot bigint,
    add column pull_requests_reviewed_by_copilot bigint,
    add column pull_requests_merged_by_copilot bigint,
    add column median_minutes_to_merge_by_copilot double precision;

alter table copilot_member_day
    add column used_cli boolean,
    add column ai_credits_used double precision,
    add column adoption_phase_number bigint,
    add column adoption_phase text;

-- Who was in which of GitHub's own teams; joined with the members' days by person and day.
create table copilot_user_team_day (
    team_id bigint not null references team on delete cascade,
    day date not null,
    github_id bigint not null,
    github_team_id bigint not null,
    login text not null,
    slug text not null,
    raw jsonb not null,
    stored_at timestamptz not null,
    primary key (team_id, day, github_id, github_team_id)
);

create table copilot_repository_day (
    team_id bigint not null references team on delete cascade,
    day date not null,
    -- Not a reference to repository: reports name repositories that are not tracked.
    github_id bigint not null,
    name text not null,
    interactions bigint,
    generations bigint,
    acceptances bigint,
    lines_suggested_to_add bigint,
    lines_suggested_to_delete bigint,
    lines_added bigint,
    lines_deleted bigint,
    pull_requests_created bigint,
    pull_requests_reviewed bigint,
    pull_requests_merged bigint,
    median_minutes_to_merge double precision,
    pull_requests_created_by_copilot bigint,
    pull_requests_reviewed_by_copilot bigint,
    pull_requests_merged_by_copilot bigint,
    median_minutes_to_merge_by_copilot double precision,
    raw jsonb not null,
    stored_at timestamptz not null,
    primary key (team_id, day, github_id)
);

alter table copilot_ledger
    drop constraint copilot_ledger_report_check,
    drop constraint copilot_ledger_state_check,
    add constraint copilot_ledger_report_check
        check (report in ('organization-1-day', 'users-1-day', 'user-teams-1-day', 'repos-1-day', 'organization-28-day', 'users-28-day')),
    add constraint copilot_ledger_state_check
        check (state in ('final', 'provisional', 'absent', 'failed', 'held')),
    -- On how many days in a row of asking the same answer was not believed, and the last of them.
    add column held_answers integer not null default 0,
    add column held_on date;

-- How far back reports are wanted beyond the history, when somebody asked for that.
alter table team add column copilot_backfill_from date;

-- Two records of one person and day add up: of what one of them lacks, the other's stays. A sum has no end beyond its type.
create function copilot_sum(one bigint, other bigint) returns bigint
    language sql immutable parallel safe
    return coalesce(
        least(greatest(one::numeric + other, -9223372036854775808), 9223372036854775807)::bigint, one, other);

-- Whether a record is among those that a row was joined from, which are an array.
create function copilot_holds(joined jsonb, record jsonb) returns boolean
    language sql immutable parallel safe
    return joined = record or (jsonb_typeof(joined) = 'array'
        and exists (select from jsonb_array_elements(joined) as part (value) where part.value = record));
