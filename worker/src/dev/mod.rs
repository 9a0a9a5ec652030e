//! What a developer's machine and the tests need around the worker: the services it talks to, on demand.
//! Nothing here is used in production.

pub mod bench;
mod clean_slate;
pub mod databases;
pub mod demo;
mod folder;
pub mod github_simulator;
pub mod llm_simulator;
pub mod namespaces;
mod pip;
mod postgres;
mod postgres_data;
mod postgres_programs;
mod processes;
mod run_as;
pub mod service_error;
pub mod services;
mod temporal_server;
