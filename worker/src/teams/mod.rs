//! What people do to a team, whichever way they ask: the command line today, pages tomorrow. Each function is one action, whole.

pub mod backfill;
pub mod checkup;
pub mod connect_github;
pub mod copilot;
pub mod coverage;
pub mod emails;
pub mod evidence;
pub mod licences;
pub mod measures;
pub mod nights;
pub mod onboard;
pub mod recipients;
pub mod repositories;
pub mod seats;
mod try_out;
pub mod view;

pub use try_out::Offer;
