-- Licences over time, and all that happens to a seat.

-- What the Copilot steps of a day found of the licences. How many nights in a row found too few is counted from these rows. A day has
-- a row for each finding, so that a rise and a fall of the same day are both remembered.
create table licence_finding (
    team_id bigint not null references team on delete cascade,
    -- UTC day on which the step began.
    day date not null,
    finding text not null check (finding in ('enough', 'too_few', 'too_few_with_metrics')),
    -- The latest time.
    seen_at timestamptz not null,
    primary key (team_id, day, finding)
);

alter table seat_event
    drop constraint seat_event_kind_check,
    add constraint seat_event_kind_check check (kind in ('added', 'removed', 'plan_changed', 'cancellation_planned',
        'cancellation_withdrawn', 'became_idle', 'became_active')),
    -- What changed to what, or the day of the cancellation; empty where the kind says all.
    add column detail text not null default '';
