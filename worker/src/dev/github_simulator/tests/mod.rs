//! Tests of the simulator through real HTTP.
