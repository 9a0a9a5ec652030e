//! Who leads in the use of Copilot: people whom others may ask. Named only where the data bears it, since a wrong name is worse than
//! none, and never handed to a writer of insights.

use serde::Serialize;

/// Most champions.
const MOST: usize = 3;

/// Reports must cover at least this share of the days, in percent: who was active on the others is not known, and the order would be
/// that of the gaps.
const LEAST_COVERED_PERCENT: i64 = 80;

/// As many must be active: in a smaller group, leading says nothing, and those who do not are named as well.
const LEAST_ACTIVE: i64 = 5;

/// What one person did with Copilot in a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberUse {
    /// Login.
    pub login: String,
    /// Days with any use.
    pub active_days: i64,
    /// Of these, those from Monday to Friday.
    pub active_working_days: i64,
    /// Accepted generations; `None` where GitHub reported none.
    pub acceptances: Option<i64>,
}

/// How complete the members' reports of a window are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct UseCoverage {
    /// Days for which a report is stored.
    pub days_covered: i64,
    /// Days for which one could exist by now.
    pub days_expected: i64,
    /// Of the covered days, those from Monday to Friday.
    pub working_days_covered: i64,
}

/// Somebody who leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Champion {
    /// Login.
    pub login: String,
    /// Days with any use.
    pub active_days: i64,
    /// Accepted generations; `None` where GitHub reported none.
    pub acceptances: Option<i64>,
}

/// Why nobody is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum NoChampions {
    /// Too few days are known.
    #[error("the members' reports cover {days_covered} of {days_expected} days, which is too few")]
    TooFewDays {
        /// Days for which a report is stored.
        days_covered: i64,
        /// Days for which one could exist by now.
        days_expected: i64,
    },
    /// Too few people are active.
    #[error("{active} active, and {LEAST_ACTIVE} are needed for anybody to lead")]
    TooFewActive {
        /// Members who used Copilot.
        active: i64,
    },
    /// Nobody uses it regularly.
    #[error(
        "nobody was active on half of the {working_days_covered} working days that reports cover"
    )]
    NobodyRegular {
        /// Covered days from Monday to Friday.
        working_days_covered: i64,
    },
}

/// Up to three of those who were active on at least half of the covered working days: by active days, then acceptances, then login.
///
/// # Errors
/// Why the data bears no names.
pub fn choose_champions(
    members: &[MemberUse],
    coverage: UseCoverage,
) -> Result<Vec<Champion>, NoChampions> {
    let UseCoverage {
        days_covered,
        days_expected,
        working_days_covered,
    } = coverage;
    if days_expected == 0 || days_covered * 100 < days_expected * LEAST_COVERED_PERCENT {
        return Err(NoChampions::TooFewDays {
            days_covered,
            days_expected,
        });
    }
    let mut leading: Vec<&MemberUse> = members.iter().filter(|it| it.active_days > 0).collect();
    let active = leading.len() as i64;
    if active < LEAST_ACTIVE {
        return Err(NoChampions::TooFewActive { active });
    }
    leading.retain(|it| {
        it.active_working_days > 0 && 2 * it.active_working_days >= working_days_covered
    });
    if leading.is_empty() {
        return Err(NoChampions::NobodyRegular {
            working_days_covered,
        });
    }
    leading.sort_by(|a, b| {
        let rank = |it: &MemberUse| (it.active_days, it.acceptances);
        rank(b).cmp(&rank(a)).then_with(|| a.login.cmp(&b.login))
    });
    Ok(leading.into_iter().take(MOST).map(Champion::of).collect())
}

impl Champion {
    fn of(member: &MemberUse) -> Self {
        Self {
            login: member.login.clone(),
            active_days: member.active_days,
            acceptances: member.acceptances,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONTH: UseCoverage = UseCoverage {
        days_covered: 27,
        days_expected: 28,
        working_days_covered: 20,
    };

    fn member(login: &str, days: i64, acceptances: Option<i64>) -> MemberUse {
        MemberUse {
            login: login.to_owned(),
            active_days: days,
            active_working_days: days.min(20),
            acceptances,
        }
    }

    fn team() -> Vec<MemberUse> {
        vec![
            member("ann", 12, Some(90)),
            member("bea", 15, None),
            member("cid", 12, Some(300)),
            member("dan", 10, Some(5)),
            member("eve", 9, Some(9_000)),
        ]
    }

    fn logins(chosen: &[Champion]) -> Vec<&str> {
        chosen.iter().map(|it| it.login.as_str()).collect()
    }

    #[test]
    fn three_lead_by_days_and_then_by_acceptances() {
        let chosen = choose_champions(&team(), MONTH).unwrap();
        assert_eq!(logins(&chosen), ["bea", "cid", "ann"]);
        assert_eq!((chosen[0].active_days, chosen[0].acceptances), (15, None));
    }

    #[test]
    fn who_uses_it_rarely_leads_nobody() {
        let mut rare = team();
        for one in &mut rare[..3] {
            one.active_working_days = 9;
        }
        assert_eq!(logins(&choose_champions(&rare, MONTH).unwrap()), ["dan"]);
        for one in &mut rare {
            one.active_working_days = 9;
        }
        assert_eq!(
            choose_champions(&rare, MONTH),
            Err(NoChampions::NobodyRegular {
                working_days_covered: 20
            })
        );
    }

    #[test]
    fn gaps_and_small_groups_bear_no_names() {
        let with_gaps = |days_covered, days_expected| UseCoverage {
            days_covered,
            days_expected,
            ..MONTH
        };
        for (days_covered, days_expected) in [(7, 10), (0, 0), (0, 5)] {
            assert_eq!(
                choose_champions(&team(), with_gaps(days_covered, days_expected)),
                Err(NoChampions::TooFewDays {
                    days_covered,
                    days_expected
                })
            );
        }
        assert!(choose_champions(&team(), with_gaps(8, 10)).is_ok());
        let mut few = team();
        few[4].active_days = 0;
        assert_eq!(
            choose_champions(&few, MONTH),
            Err(NoChampions::TooFewActive { active: 4 })
        );
    }

    #[test]
    fn only_weekends_are_nobodys_regular_use() {
        let weekend = UseCoverage {
            working_days_covered: 0,
            ..MONTH
        };
        let mut idle = team();
        for one in &mut idle {
            one.active_working_days = 0;
        }
        assert!(choose_champions(&idle, weekend).is_err());
    }
}
