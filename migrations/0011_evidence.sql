-- What else GitHub said: where it documents the refusal, and where a token's owner authorizes it for single sign-on (valid for an
-- hour). Evidence of one finding hangs together: a second probe names the first refusal, and a refusal what was asked to explain it.
alter table failure_evidence
    add column documentation_url text,
    add column sso_url text,
    add column related_id bigint references failure_evidence on delete set null;
create index failure_evidence_related on failure_evidence (related_id) where related_id is not null;

-- An organization may be renamed: its login has a history, too.
alter table status_event drop constraint status_event_kind_check;
alter table status_event add constraint status_event_kind_check
    check (kind in ('pipeline', 'copilot', 'credential', 'slug'));
