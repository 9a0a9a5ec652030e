//! How it is done: everything that touches the outside. Bodies of the activities that `workflows` declares, and the rooms they
//! use: GitHub, the database, measures and writers.

pub mod clock;
pub mod llm;
pub mod measure;
