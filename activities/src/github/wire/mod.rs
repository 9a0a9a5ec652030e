//! Shapes of GitHub's JSON.
