//! Refusals that only the App and its installations meet.

use reqwest::header::HeaderMap;

use super::{Bearer, classify};
use crate::github::{endpoint::EndpointClass as E, failure_class::FailureClass as F};

#[test]
fn a_suspension_is_told_to_every_token_of_the_app_and_a_wrong_app_is_no_uninstalled_one() {
    let said = |endpoint, bearer, status, message: &str| {
        let body = format!(r#"{{"message":"{message}"}}"#);
        classify(endpoint, bearer, status, &HeaderMap::new(), body.as_bytes())
    };
    let suspended = "This installation has been suspended";
    for (endpoint, bearer) in [
        (E::InstallationToken, Bearer::App),
        (E::Organization, Bearer::Installation),
    ] {
        let class = said(endpoint, bearer, 403, suspended);
        assert_eq!(class, Some(F::AppSuspended), "{endpoint}");
    }
    let of_the_app = |message| said(E::App, Bearer::App, 404, message);
    assert_eq!(of_the_app("Not Found"), Some(F::AppUninstalled));
    assert_eq!(of_the_app("Integration not found"), Some(F::AppKeyRejected));
    let client_unknown = said(E::OauthToken, Bearer::App, 404, "Not Found");
    assert_eq!(client_unknown, Some(F::AppKeyRejected));
}
