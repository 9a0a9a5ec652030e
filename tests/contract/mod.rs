//! The simulated GitHub and coflow's queries against GitHub's own artefacts: the OpenAPI description of its REST API, with Prism as
//! a validating proxy, and the schema of its GraphQL API, with graphql-js. Both come from npm when the tests run.

mod asking;
mod caught;
mod description;
mod endpoints;
mod graphql;
mod npm;
mod prism;
mod relay;
mod rest;
mod schema;
