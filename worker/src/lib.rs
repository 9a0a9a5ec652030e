//! The rooms of the one binary `coflow`: what its commands and the tests of the whole system share.

pub mod cli;
pub mod config;
pub mod dev;
pub mod mail_relay;
pub mod table;
pub mod teams;
pub mod temporal;
pub mod web;
pub mod webhooks;
