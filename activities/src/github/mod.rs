//! GitHub: the one client and what it needs.

mod token;

pub use token::Token;
