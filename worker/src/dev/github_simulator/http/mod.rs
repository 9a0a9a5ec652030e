//! HTTP as GitHub speaks it: what a request must bring, what every answer carries. What an
//! answer says is decided in `rest` and `graphql`.

mod answer;
mod call;
mod gate;
mod serve;

pub(crate) use answer::{Answer, Answered};
pub(crate) use call::{Call, GraphqlCall};
pub(crate) use serve::{deliver, drop_connection, pause, serve};
