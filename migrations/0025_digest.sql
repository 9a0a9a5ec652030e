-- Who wants the weekly digest: nobody who has not asked for it. The wish goes with its row, so that whoever connects in somebody's
-- place begins without one.
alter table email_recipient add column wants_digest boolean not null default false;
-- A run pages through the teams where somebody does, which may be few of many.
create index email_recipient_digest on email_recipient (team_id) where wants_digest;
