//! `coflow insights measures`: every measure of a team, now and before, and what stands behind it.

use activities::{
    clock,
    measure::{Bottleneck, Compared, Quantity, Sample, Stage},
    store::UsageShare,
};
use anyhow::Context as _;
use workflows::domain::{
    copilot::CopilotSkipReason,
    insight::{CopilotInput, WINDOWS},
    metrics::{AiComparison, AiSide, CopilotMeasures},
};

use super::{
    context::{Context, find_team},
    output::{or_dash, print_json, print_table, say},
};
use crate::teams::measures::{self, Champions, Change, MeasureLine, WindowCard};

pub(super) async fn execute(
    context: &Context,
    organization: &str,
    window: Option<u16>,
) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    let team = store.load_team(team.id).await?;
    let team = team.with_context(|| format!("the team \"{organization}\" was just removed"))?;
    let settings = context.measure_settings();
    let windows = window.map_or_else(|| WINDOWS.to_vec(), |days| vec![days]);
    let cards = measures::load(&store, &team, &windows, settings, clock::now()).await?;
    if context.json {
        return print_json(&cards);
    }
    if cards.is_empty() {
        say!("not enough history was read yet: coflow team show {organization}");
    }
    for card in &cards {
        print_card(card);
    }
    Ok(())
}

fn print_card(card: &WindowCard) {
    say!("{} days up to {}", card.window_days, card.last_day);
    print_table(
        ["measure", "now", "of", "before", "of", "change"],
        card.compared.iter().map(row),
    );
    say!("opened      {}", counts(card));
    say!("bottleneck  {}", bottleneck(card.bottleneck));
    say!("AI          {}", ai(card.ai.as_ref()));
    say!("Copilot     {}", copilot(&card.copilot));
    if let Some(breakdown) = &card.breakdown {
        for (name, shares) in [
            ("IDEs", &breakdown.ides),
            ("languages", &breakdown.languages),
            ("features", &breakdown.features),
            ("models", &breakdown.models),
        ] {
            say!("  {name:<9} {}", shares_of(shares));
        }
    }
    if let Some(champions) = &card.champions {
        say!("champions   {}", named(champions));
    }
    say!("");
}

fn row(line: &MeasureLine) -> [String; 6] {
    let value = |sample: Option<Sample>| or_dash(sample.map(|it| shown(line.measure, it.value)));
    let n = |sample: Option<Sample>| or_dash(sample.map(|it| it.n));
    [
        name(line.measure).to_owned(),
        value(line.now),
        n(line.now),
        value(line.before),
        n(line.before),
        or_dash(line.change.as_ref().map(change)),
    ]
}

fn name(measure: Compared) -> &'static str {
    match measure {
        Compared::Throughput => "merged by people",
        Compared::CycleTime => "opening to merge",
        Compared::FirstReview => "opening to first review",
        Compared::ReviewToMerge => "first review to merge",
        Compared::ReviewRounds => "rounds of review",
        Compared::Size => "lines changed",
        Compared::Reverts => "reverts",
        Compared::Hotfixes => "hotfixes",
        Compared::AuthorConcentration => "by the busiest author",
        Compared::RepositoryConcentration => "in the busiest repository",
        Compared::ReviewerConcentration => "reviews by the busiest",
        Compared::Waiting => "waiting for a first review",
    }
}

fn shown(measure: Compared, value: f64) -> String {
    match measure.quantity() {
        Quantity::Hours => hours(value),
        Quantity::Share => format!("{:.0}%", value * 100.0),
        Quantity::Count | Quantity::Size | Quantity::Backlog => format!("{value:.0}"),
        Quantity::Rounds => format!("{value:.1}"),
    }
}

fn hours(value: f64) -> String {
    format!("{value:.1} h")
}

/// "31% slower (worse)".
fn change(change: &Change) -> String {
    let judged = match change.is_better {
        Some(true) => " (better)",
        Some(false) => " (worse)",
        None => "",
    };
    match change.word {
        Some(word) => format!("{:.0}% {word}{judged}", change.percent.abs()),
        None => "about the same".to_owned(),
    }
}

fn counts(card: &WindowCard) -> String {
    let now = &card.current;
    format!(
        "{}; merged {}, of these by bots {}, without a review {}; closed without a merge {}; {} people, {} reviews by {}",
        now.opened_count,
        now.merged_count,
        now.bot_merged_count,
        now.merged_unreviewed_count,
        now.closed_unmerged_count,
        now.contributor_count,
        now.review_count,
        now.reviewer_count
    )
}

fn bottleneck(bottleneck: Option<Bottleneck>) -> String {
    let Some(longest) = bottleneck else {
        return "too few were reviewed and merged to name one".to_owned();
    };
    let stage = match longest.stage {
        Stage::FirstReview => "waiting for the first review",
        Stage::ReviewToMerge => "from the first review to the merge",
    };
    format!(
        "{stage}: a median of {}, {:.0}% of both stages",
        hours(longest.median_hours),
        longest.share * 100.0
    )
}

fn ai(comparison: Option<&AiComparison>) -> String {
    let side = |side: &AiSide| {
        let median = side.median_hours;
        let (value, low, high) = (hours(median.value), hours(median.low), hours(median.high));
        format!("{value} ({low} to {high}, n = {})", side.count)
    };
    match comparison {
        None => "nothing that was merged carries evidence of AI".to_owned(),
        Some(AiComparison::TooFew {
            with_ai_count,
            without_ai_count,
            minimum,
        }) => format!(
            "not compared: {with_ai_count} with evidence and {without_ai_count} without in the same repositories and of the \
             same size, {minimum} of each are needed, of several people and evenly spread"
        ),
        Some(AiComparison::Measured {
            with_ai,
            without_ai,
            difference_percent: difference,
        }) => format!(
            "with evidence {}, comparable ones without {}; difference {:+.0}% ({:+.0}% to {:+.0}%), 95% intervals; says \
             nothing about the cause",
            side(with_ai),
            side(without_ai),
            difference.value,
            difference.low,
            difference.high
        ),
    }
}

fn copilot(copilot: &CopilotInput) -> String {
    match copilot {
        CopilotInput::Measured { measures } => copilot_figures(measures),
        CopilotInput::Incomplete {
            days_covered,
            days_expected,
        } => format!("left out: reports cover only {days_covered} of {days_expected} days"),
        CopilotInput::Unavailable { status } => format!("left out: {status}"),
        CopilotInput::Skipped {
            reason: CopilotSkipReason::NotConnected,
        } => "left out: not connected".to_owned(),
    }
}

fn copilot_figures(of: &CopilotMeasures) -> String {
    let percent = |share: Option<f64>| or_dash(share.map(|it| format!("{:.0}%", it * 100.0)));
    let dollars =
        |cents: Option<i64>| or_dash(cents.map(|it| format!("${}.{:02}", it / 100, it % 100)));
    format!(
        "{} of {} members active ({}); {} suggestions, {} accepted ({}); {} seats, {} idle; {} a month, {} of it idle; \
         reports cover {} of {} days, {} may still change",
        or_dash(of.active_members),
        of.members,
        percent(of.adoption_rate),
        or_dash(of.generations),
        or_dash(of.acceptances),
        percent(of.acceptance_rate),
        or_dash(of.seats_total),
        or_dash(of.seats_idle),
        dollars(of.seats_cost_cents),
        dollars(of.idle_cost_cents),
        of.days_covered,
        of.days_expected,
        of.days_provisional
    )
}

/// "vscode 1200 (31%), jetbrains 300 (-)": suggestions, and how many of them were accepted.
fn shares_of(shares: &[UsageShare]) -> String {
    let shares: Vec<String> = shares
        .iter()
        .map(|share| {
            let rate = share
                .acceptance_rate
                .map(|it| format!("{:.0}%", it * 100.0));
            format!(
                "{} {} ({})",
                share.name,
                or_dash(share.generations),
                or_dash(rate)
            )
        })
        .collect();
    match shares.as_slice() {
        [] => "nothing reported".to_owned(),
        shares => shares.join(", "),
    }
}

fn named(champions: &Champions) -> String {
    match champions {
        Champions::Nobody(reason) => format!("none: {reason}"),
        Champions::Named(people) => {
            let people: Vec<String> = people
                .iter()
                .map(|person| {
                    let accepted = or_dash(person.acceptances);
                    format!(
                        "{} ({} days, {accepted} accepted)",
                        person.login, person.active_days
                    )
                })
                .collect();
            people.join(", ")
        }
    }
}

#[cfg(test)]
#[path = "insights_measures_tests.rs"]
mod tests;
