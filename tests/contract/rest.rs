//! Every REST endpoint that coflow uses, asked through Prism: each answer that GitHub documents is given and keeps to GitHub's
//! description. What is documented and not simulated, or simulated and not documented, is named here.

use std::collections::BTreeSet;

use super::{
    asking::Asking,
    description::Operation,
    endpoints::{fits, operations},
};

/// GitHub's short answer to a request with an ETag. coflow sends none.
const NOT_MODIFIED: u16 = 304;

/// Documented, and not seen here, mostly since coflow never causes it.
const NOT_TRIED: [(Operation, u16, &str); 4] = [
    (
        ("GET", "/rate_limit"),
        404,
        "only of a server without limits",
    ),
    (
        ("GET", "/user/emails"),
        404,
        "only of an account without addresses",
    ),
    (
        ("POST", "/app/installations/{installation_id}/access_tokens"),
        422,
        "only to who asks for less than everything that is granted",
    ),
    (
        ("GET", "/repos/{owner}/{repo}"),
        301,
        "Prism follows, and holds the answer at the new address against this path",
    ),
];

/// Given by GitHub, as its refusals say, and not documented for every endpoint that gives it.
const NOT_DOCUMENTED: [(u16, &str); 3] = [
    (401, "bad credentials, everywhere"),
    (403, "an organization's barriers, on its profile"),
    (404, "an installation that is not there"),
];

#[tokio::test]
async fn every_answer_keeps_to_githubs_description() {
    let asking = Asking::start(None).await;
    asking.ask_as_owner().await;
    asking.ask_as_app().await;
    asking.ask_as_others().await;
    asking.ask_for_single_repositories().await;
    asking.look_up().await;
    asking.ask_about_seats().await;
    asking.ask_for_reports().await;
    asking.ask_with_bad_credentials().await;

    let violations = asking.violations();
    assert!(violations.is_empty(), "{violations:#?}");
    let given = given(&asking);
    for operation in operations() {
        let documented = asking.prism.description.statuses(operation);
        assert_documented_are_given(operation, &documented, &given);
    }
    assert_others_are_known(&asking, &given);
}

/// Each operation with each status that it was answered with.
fn given(asking: &Asking) -> BTreeSet<(Operation, u16)> {
    let exchanges = asking.exchanges().into_iter();
    exchanges
        .map(|exchange| {
            let operation = operations().into_iter().find(|(method, template)| {
                *method == exchange.method && fits(template, &exchange.path)
            });
            let operation = operation.expect("Prism lets nothing else pass");
            (operation, exchange.status)
        })
        .collect()
}

fn assert_documented_are_given(
    operation: Operation,
    documented: &BTreeSet<u16>,
    given: &BTreeSet<(Operation, u16)>,
) {
    for status in documented.iter().filter(|one| **one != NOT_MODIFIED) {
        let is_given = given.contains(&(operation, *status));
        let is_exempt = NOT_TRIED
            .iter()
            .any(|(of, exempt, _)| (of, exempt) == (&operation, status));
        assert_ne!(
            is_given, is_exempt,
            "{operation:?} {status}: an answer is either tried or named in NOT_TRIED"
        );
    }
}

/// Prism has nothing to hold them against: they are to have the form of all of GitHub's refusals.
fn assert_others_are_known(asking: &Asking, given: &BTreeSet<(Operation, u16)>) {
    let mut met = BTreeSet::new();
    for (operation, status) in given {
        if !asking
            .prism
            .description
            .statuses(*operation)
            .contains(status)
        {
            let is_known = NOT_DOCUMENTED.iter().any(|(known, _)| known == status);
            assert!(is_known, "{operation:?} is not documented to give {status}");
            met.insert(*status);
        }
    }
    assert_eq!(met.len(), NOT_DOCUMENTED.len(), "only {met:?} are needed");
    for exchange in asking.exchanges() {
        if met.contains(&exchange.status) {
            for field in ["message", "documentation_url"] {
                assert!(exchange.answered[field].is_string(), "{exchange:?}");
            }
        }
    }
}
