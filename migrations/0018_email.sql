-- Whom a team's e-mails go to, what its people were told is broken, and how each e-mail is getting on.

create table email_recipient (
    team_id bigint not null references team on delete cascade,
    address text not null check (address <> ''),
    -- How a greeting calls them; unknown for an address that was given alone.
    name text,
    -- `connection`: whose credential the team has; replaced with it, so that nobody who has left is written to. `given`: stays.
    source text not null check (source in ('connection', 'given')),
    added_at timestamptz not null,
    primary key (team_id, address)
);
-- Nobody has two mailboxes that differ by case alone.
create unique index email_recipient_address on email_recipient (team_id, lower(address));
create unique index email_recipient_connection on email_recipient (team_id) where source = 'connection';

-- What a team's people are told of once: from the first status that needs somebody until it is proven to work again. A parked
-- pipeline and the Copilot status of the same token are one.
create table incident (
    id bigint generated always as identity primary key,
    team_id bigint not null references team on delete cascade,
    scope text not null check (scope in ('connection', 'copilot')),
    -- What it began with.
    cause text not null,
    began_at timestamptz not null,
    ended_at timestamptz
);
create unique index incident_open on incident (team_id, scope) where ended_at is null;

-- An empty recipient: nobody's address was known. It is shown, and sent when there is one and somebody asks.
alter table email_outbox
    add column recipient_name text,
    add column attempts integer not null default 0 check (attempts >= 0),
    -- Written before the e-mail is handed over, so that a worker that dies then leaves a trace.
    add column last_attempt_at timestamptz,
    -- While an attempt is under way, the time from which another worker may take it over.
    add column next_attempt_at timestamptz,
    add column state text not null generated always as (case
        when sent_at is not null then 'sent'
        when failed_at is not null then 'failed'
        when recipient = '' then 'no_recipient'
        else 'queued' end) stored;
update email_outbox set next_attempt_at = queued_at;
alter table email_outbox alter column next_attempt_at set not null;
drop index email_outbox_waiting;
create index email_outbox_due on email_outbox (next_attempt_at) where state = 'queued';
