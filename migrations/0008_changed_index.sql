-- What is measured is asked for by the last change. By opening or closing nothing is.
drop index pull_request_created;
drop index pull_request_closed;
create index pull_request_changed on pull_request (team_id, updated_at);
