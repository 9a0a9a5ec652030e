//! Sends one of the four fixed GraphQL documents and reads its data, once `errors` has been read.

use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    GithubClient, GithubFailure, Token, endpoint::EndpointClass, failure_class::FailureClass,
    http::Answer, wire::graphql::WireAnswer,
};

/// The data of a GraphQL answer, together with the answer it came in, which is evidence if the data turns out to be incomplete.
pub(super) struct GraphqlData<T> {
    pub(super) data: T,
    endpoint: EndpointClass,
    answer: Answer,
}

impl<T> GraphqlData<T> {
    /// What was asked for is null although no error says why. Never a deletion.
    pub(super) fn absent(&self, class: FailureClass) -> GithubFailure {
        GithubFailure::of_answer(class, self.endpoint, &self.answer)
    }

    /// The data lacks something that GitHub's schema promises; `message` says what, in fixed words.
    pub(super) fn malformed(&self, message: &'static str) -> GithubFailure {
        GithubFailure::malformed(self.endpoint, &self.answer, message)
    }
}

impl GithubClient {
    /// Sends a document with its variables.
    pub(super) async fn query<T: DeserializeOwned>(
        &self,
        endpoint: EndpointClass,
        token: &Token,
        document: &'static str,
        variables: Value,
    ) -> Result<GraphqlData<T>, GithubFailure> {
        let body = serde_json::json!({ "query": document, "variables": variables }).to_string();
        let url = self.inner.graphql_url.clone();
        let answer = self
            .ask(endpoint, token, Method::POST, url, Some(body.into_bytes()))
            .await?;
        let parsed = serde_json::from_slice::<WireAnswer<T>>(&answer.body);
        let Ok(WireAnswer { data }) = parsed else {
            let message = "the data does not have the shape of GitHub's schema";
            return Err(GithubFailure::malformed(endpoint, &answer, message));
        };
        Ok(GraphqlData {
            data,
            endpoint,
            answer,
        })
    }
}
