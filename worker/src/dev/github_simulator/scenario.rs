//! The worlds the simulator can start with, each only a list of organization descriptions.

use std::{fmt, str::FromStr};

use super::{OrgSpec, PullRequestShape, SimulatorError};

/// Which organizations exist at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// Seven organizations, one for each story of the demo: `aurora` is healthy, `birch` has one
    /// licence more than metrics need, `dune` has the metrics policy off, `ember` has no Copilot,
    /// and `cedar`, `fjord` and `grove` are healthy until their access to GitHub ends.
    Demo,
    /// One organization `bench`: 20 repositories of 50 pull requests, nothing overflowing.
    Bench,
    /// None; they are created through the control.
    Empty,
}

impl Scenario {
    const ALL: [Self; 3] = [Self::Demo, Self::Bench, Self::Empty];

    /// The organizations of this scenario.
    pub(crate) fn organizations(self) -> Vec<OrgSpec> {
        match self {
            Self::Demo => vec![
                aurora(),
                birch(),
                cedar(),
                dune(),
                ember(),
                fjord(),
                grove(),
            ],
            Self::Bench => vec![bench()],
            Self::Empty => Vec::new(),
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Demo => "demo",
            Self::Bench => "bench",
            Self::Empty => "empty",
        })
    }
}

impl FromStr for Scenario {
    type Err = SimulatorError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL
            .into_iter()
            .find(|scenario| scenario.to_string() == name);
        found.ok_or_else(|| SimulatorError::UnknownScenario {
            name: name.to_owned(),
            known: Self::ALL.map(|scenario| scenario.to_string()).join(", "),
        })
    }
}

fn aurora() -> OrgSpec {
    OrgSpec::named("aurora")
        .members(12)
        .repositories(3)
        .pull_requests_per_repository(125)
        .history_days(120)
        .seats(10)
        .with_special_repositories()
        .with_overflow()
}

fn birch() -> OrgSpec {
    OrgSpec::named("birch")
        .members(8)
        .repositories(3)
        .pull_requests_per_repository(50)
        .history_days(110)
        .seats(6)
}

fn cedar() -> OrgSpec {
    OrgSpec::named("cedar")
        .members(9)
        .repositories(4)
        .pull_requests_per_repository(55)
        .history_days(100)
        .seats(7)
}

fn dune() -> OrgSpec {
    OrgSpec::named("dune")
        .members(7)
        .repositories(2)
        .pull_requests_per_repository(60)
        .history_days(100)
        .seats(6)
        .policy(false)
}

fn ember() -> OrgSpec {
    OrgSpec::named("ember")
        .members(6)
        .repositories(2)
        .pull_requests_per_repository(55)
        .history_days(100)
        .without_copilot()
}

fn fjord() -> OrgSpec {
    OrgSpec::named("fjord")
        .members(8)
        .repositories(3)
        .pull_requests_per_repository(40)
        .history_days(100)
        .seats(7)
}

fn grove() -> OrgSpec {
    OrgSpec::named("grove")
        .members(7)
        .repositories(3)
        .pull_requests_per_repository(45)
        .history_days(100)
        .seats(5)
}

fn bench() -> OrgSpec {
    OrgSpec::named("bench")
        .members(25)
        .repositories(20)
        .pull_requests_per_repository(50)
        .history_days(25)
        .seats(20)
        .shape(PullRequestShape::Exact {
            reviews: 2,
            commits: 3,
            files: 10,
        })
}
