-- The walk asks for the smaller of this and the setting. A repository that never refused a page has no smaller size of its own:
-- with 25 here, a larger setting would not hold for its first page.
alter table tracked_repository alter column walk_page_size set default 100;
