//! `PullRequestOverflow`: what did not fit into the first page of one pull request.

use serde_json::{Map, Value, json};

use super::{
    super::{
        credentials::{Quota, Viewer},
        model::World,
    },
    Answer, Answered, Plan, check_barrier, cursor, is_visible, missing,
    pull_requests::{commit, connection, files, review},
    rate_limit,
};

/// The following pages of those connections that are asked for.
pub(crate) fn answer(world: &World, viewer: &Viewer, plan: &Plan<'_>, quota: &Quota) -> Answered {
    let id = plan.text("id");
    let found = world
        .pull_request(&id)
        .filter(|(org, _)| is_visible(org, viewer));
    let (organization, each) = found.ok_or_else(|| {
        let message = format!("Could not resolve to a node with the global id of '{id}'");
        missing(plan, quota, "node", &message)
    })?;
    check_barrier(organization, plan, quota, "node")?;
    let start = |name: &str| cursor::decode_position(plan.cursor(name)?.as_deref());
    let mut node = Map::from_iter([("id".to_owned(), json!(each.node_id))]);
    if plan.is_set("moreReviews") {
        let start = start("reviewsCursor")?;
        let page = connection(&each.reviews, each.reviews.len(), start, 100, review);
        node.insert("reviews".to_owned(), page);
    }
    if plan.is_set("moreCommits") {
        let start = start("commitsCursor")?;
        let page = connection(&each.commits, each.commits.len(), start, 100, commit);
        node.insert("commits".to_owned(), page);
    }
    if plan.is_set("moreFiles") {
        node.insert("files".to_owned(), files(each, start("filesCursor")?));
    }
    let data = json!({ "rateLimit": rate_limit(plan, quota), "node": Value::Object(node) });
    Ok(Answer::ok(&json!({ "data": data })))
}
