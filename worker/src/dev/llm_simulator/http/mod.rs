//! HTTP as OpenAI speaks it: what a request must bring, what every answer carries. What a model says is decided in `chat`.

mod answer;
mod call;
mod multipart;
pub(crate) mod refusals;
mod routes;
mod serve;

pub(crate) use answer::{Answer, Answered};
pub(crate) use call::Call;
pub(crate) use multipart::Part;
pub(crate) use serve::serve;
