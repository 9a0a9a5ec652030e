//! What every request has to pass before it is answered: disturbances, the rules for headers,
//! the token, the hourly budget.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{Answer, Answered, Call};
use crate::dev::github_simulator::{
    credentials::{Quota, Resource, Viewer},
    faults::{Disturbance, Fault, LimitKind},
    graphql,
    model::World,
    oauth,
    rest::{self, Scope},
    state::State,
};

const RATE_LIMITS: &str = "/rest/using-the-rest-api/rate-limits-for-the-rest-api";
const SECONDARY: &str = "/free-pro-team@latest/rest/overview/\
                         rate-limits-for-the-rest-api#about-secondary-rate-limits";
const API_VERSIONS: [&str; 2] = ["2022-11-28", "2026-03-10"];

/// An answer with what its headers tell about the caller.
pub(crate) struct Passed {
    pub(crate) answer: Answer,
    pub(crate) quota: Option<Quota>,
    pub(crate) viewer: Option<Arc<Viewer>>,
}

impl From<Answer> for Passed {
    fn from(answer: Answer) -> Self {
        Self {
            answer,
            quota: None,
            viewer: None,
        }
    }
}

/// Answers one request.
pub(crate) fn answer(state: &State, call: &Call, disturbance: Option<Disturbance>) -> Passed {
    if call.header("user-agent").is_none_or(str::is_empty) {
        return forbidden_by_rules().into();
    }
    match disturbance {
        Some(Disturbance::Limit(kind)) => return limited(state, call, kind),
        Some(Disturbance::Fault(fault)) => {
            if let Some(answer) = faulty(call, fault) {
                return answer.into();
            }
        }
        None => {}
    }
    if let Some(answer) = oauth::answer_oauth(state, call) {
        return answer.into();
    }
    if call.graphql.is_none()
        && let Err(refusal) = check_version(call)
    {
        return refusal.into();
    }
    let world = state.world();
    if let Some(answer) = rest::answer_app(state, &world, call) {
        return answer.into();
    }
    let viewer = match authenticate(state, &world, call) {
        Ok(viewer) => viewer,
        Err(refusal) => return refusal.into(),
    };
    let (mut answer, quota) = answer_viewer(state, &world, call, &viewer);
    if disturbance == Some(Disturbance::Fault(Fault::NullNode)) {
        answer = answer.with_null_node();
    }
    Passed {
        answer,
        quota: Some(quota),
        viewer: Some(viewer),
    }
}

fn answer_viewer(state: &State, world: &World, call: &Call, viewer: &Viewer) -> (Answer, Quota) {
    let times = (state.clock.base(), state.clock.now());
    let token = call.token.as_deref().unwrap_or_default();
    let spend = |resource, cost| state.credentials().spend(token, resource, cost, times);
    if let Some(graphql) = &call.graphql {
        let plan = graphql::plan(graphql);
        let quota = spend(Resource::Graphql, plan.as_ref().map_or(1, |plan| plan.cost));
        if quota.is_exceeded {
            return (rate_limited_graphql(viewer.id()), quota);
        }
        let answered = plan.and_then(|plan| graphql::answer(world, viewer, &plan, &quota));
        return (answered.unwrap_or_else(|refusal| refusal), quota);
    }
    let is_free = call.path == "/rate_limit";
    let quota = spend(Resource::Core, u64::from(!is_free));
    if quota.is_exceeded {
        return (rate_limited(call, viewer.id()), quota);
    }
    let scope = Scope {
        state,
        world,
        call,
        viewer,
        now: times.1,
    };
    (
        rest::answer(&scope).unwrap_or_else(|refusal| refusal),
        quota,
    )
}

fn authenticate(state: &State, world: &World, call: &Call) -> Result<Arc<Viewer>, Answer> {
    let Some(token) = call.token.as_deref() else {
        return Err(match call.graphql {
            Some(_) => Answer::refusal(
                401,
                "This endpoint requires you to be authenticated.",
                "/graphql/guides/forming-calls-with-graphql#authenticating-with-graphql",
            ),
            None => Answer::refusal(401, "Requires authentication", "/rest"),
        });
    };
    let operation = call
        .graphql
        .as_ref()
        .and_then(|graphql| graphql.operation.as_deref());
    let now = state.clock.now();
    let viewer = state.credentials().authenticate(token, operation, now);
    let viewer = viewer.ok_or_else(Answer::bad_credentials)?;
    rest::check_installation(world, &viewer)?;
    Ok(viewer)
}

fn check_version(call: &Call) -> Answered {
    match call.header("x-github-api-version") {
        Some(version) if API_VERSIONS.contains(&version) => Ok(Answer::no_content()),
        version => Err(Answer::refusal(
            400,
            &format!(
                "\"{}\" is not a supported version.",
                version.unwrap_or_default()
            ),
            "/rest/about-the-rest-api/api-versions",
        )),
    }
}

fn forbidden_by_rules() -> Answer {
    Answer::text(
        403,
        "text/html; charset=utf-8",
        "\r\nRequest forbidden by administrative rules. Please make sure your request has a \
         User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api\
         #user-agent-required). Check https://developer.github.com for other possible causes.\r\n",
    )
}

fn faulty(call: &Call, fault: Fault) -> Option<Answer> {
    match fault {
        Fault::Slow(_) | Fault::DropConnection | Fault::NullNode => None,
        Fault::NotJson => Some(Answer::text(
            200,
            "text/html",
            "<html><body>Unicorn!</body></html>",
        )),
        Fault::LoginAttempts => {
            let message = "Maximum number of login attempts exceeded. Please try again later.";
            Some(Answer::refusal(403, message, "/rest"))
        }
        Fault::AdministrativeRules => Some(forbidden_by_rules()),
        Fault::PermissionMissing => {
            let message = "Resource not accessible by personal access token";
            let wanted = "organization_copilot_metrics=read";
            let refusal = Answer::refusal(403, message, "/rest");
            Some(refusal.with("x-accepted-github-permissions", wanted))
        }
        Fault::LegalReasons => {
            let message = "Repository access blocked";
            Some(Answer::refusal(451, message, "/rest"))
        }
        Fault::InvalidCursor => {
            let cursor = call.graphql.as_ref()?.text("cursor");
            Some(graphql::invalid_cursor(&cursor.unwrap_or_default()))
        }
        Fault::SpuriousUnauthorized => Some(Answer::bad_credentials()),
        Fault::Status(401) => Some(Answer::bad_credentials()),
        Fault::Status(404) => Some(Answer::not_found()),
        Fault::Status(status @ (502 | 504)) if call.graphql.is_some() => {
            let message = "Something went wrong while executing your query. This may be the \
                           result of a timeout, or it could be a GitHub bug.";
            let body = json!({ "data": Value::Null, "errors": [{ "message": message }] });
            Some(Answer::json(status, &body))
        }
        Fault::Status(status @ 500..) => {
            Some(Answer::json(status, &json!({ "message": "Server Error" })))
        }
        Fault::Status(status) => Some(Answer::refusal(status, "Simulated failure", "/rest")),
    }
}

fn limited(state: &State, call: &Call, kind: LimitKind) -> Passed {
    let viewer = call.token.as_deref().and_then(|token| {
        state
            .credentials()
            .authenticate(token, Some(""), state.clock.now())
    });
    let id = viewer.as_ref().map_or(0, |viewer| viewer.id());
    let exhausted = |reset_in: Duration, resource| {
        // Rounded up: a reset in the past would not be waited for.
        let reset_at =
            state.clock.now() + chrono::TimeDelta::seconds(reset_in.as_secs_f64().ceil() as i64);
        let limit = state.credentials().hourly_limits[resource as usize];
        Some(Quota {
            resource,
            limit,
            used: limit,
            reset_at,
            is_exceeded: true,
        })
    };
    let resource = if call.graphql.is_some() {
        Resource::Graphql
    } else {
        Resource::Core
    };
    let (answer, quota) = match kind {
        LimitKind::Primary { reset_in } => (rate_limited(call, id), exhausted(reset_in, resource)),
        LimitKind::GraphqlPrimary { reset_in } => (
            rate_limited_graphql(id),
            exhausted(reset_in, Resource::Graphql),
        ),
        LimitKind::Secondary { retry_after } => (secondary(call, retry_after), None),
    };
    Passed {
        answer,
        quota,
        viewer,
    }
}

fn rate_limited(call: &Call, id: u64) -> Answer {
    let message = format!(
        "API rate limit exceeded for user ID {id}. If you reach out to GitHub Support for help, \
         please include the request ID {}.",
        super::serve::request_id(call.sequence)
    );
    Answer::refusal(403, &message, RATE_LIMITS)
}

fn rate_limited_graphql(id: u64) -> Answer {
    let message = format!("API rate limit already exceeded for user ID {id}.");
    let error = json!({ "type": "RATE_LIMITED", "code": "graphql_rate_limit", "message": message });
    Answer::ok(&json!({ "errors": [error] }))
}

fn secondary(call: &Call, retry_after: Duration) -> Answer {
    let message = format!(
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try \
         again. If you reach out to GitHub Support for help, please include the request ID {}.",
        super::serve::request_id(call.sequence)
    );
    let answer = Answer::refusal(403, &message, SECONDARY);
    match retry_after.as_secs_f64().ceil() as u64 {
        0 => answer,
        seconds => answer.with("retry-after", seconds.to_string()),
    }
}
