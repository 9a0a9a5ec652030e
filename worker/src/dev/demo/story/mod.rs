//! What happens in the demo, in the order in which it happens: one file a story, and the days and nights that hold them together.

mod first_day;
mod insights;
mod installation;
mod late_report;
mod licences;
mod nights;
mod reconnect;
mod storm;

use std::time::{Duration, Instant};

use activities::clock;
use anyhow::Context as _;
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use serde::Serialize;
use workflows::domain::{night::NightReport, team::TeamRef};

pub use first_day::RefreshStory;
pub use insights::InsightsStory;
pub use installation::InstallationStory;
pub use late_report::{Coverage, LateReportStory};
pub use licences::LicencesNight;
pub use storm::StormStory;

use super::{
    DemoOptions, DemoReport, Stage, checks,
    narrator::Narrator,
    report::{self, Told},
};
use crate::dev::github_simulator::{Control, NewPullRequest};

/// Long enough for a loaded machine; a demo that takes longer says what it waits for.
pub(super) const PATIENCE: Duration = Duration::from_secs(300);
const POLL: Duration = Duration::from_millis(100);

/// What the stories came to.
#[derive(Debug, Clone, Serialize)]
pub struct Stories {
    /// Grove's token, which ended in the middle of the first sync.
    pub refresh: RefreshStory,
    /// Aurora's report day that came late.
    pub late_report: LateReportStory,
    /// Fjord's installation, suspended and back.
    pub installation: InstallationStory,
    /// Birch's licences, night by night.
    pub licences: Vec<LicencesNight>,
    /// The storm over all teams.
    pub storm: StormStory,
    /// The language model.
    pub insights: InsightsStory,
}

/// Where the story is played, and by whom.
struct Scene<'a> {
    stage: &'a Stage,
    options: &'a DemoOptions,
    narrator: Narrator<'a>,
    /// In the order in which they were added.
    teams: Vec<TeamRef>,
}

impl Scene<'_> {
    fn control(&self) -> Control {
        self.stage.simulator.control()
    }

    fn team(&self, organization: &str) -> anyhow::Result<&TeamRef> {
        let mut teams = self.teams.iter();
        teams
            .find(|team| team.key == organization)
            .with_context(|| format!("{organization} is no team of the story"))
    }

    /// Moves the clock to the next night.
    fn next_night(&self, title: &str) {
        let tomorrow = clock::now().date_naive() + Days::new(1);
        self.turn_to(tomorrow.and_time(NIGHT).and_utc(), title);
    }

    /// Moves the clock to the morning of the same day.
    fn next_morning(&self, title: &str) {
        let today = clock::now().date_naive();
        self.turn_to(today.and_time(MORNING).and_utc(), title);
    }

    fn turn_to(&self, at: DateTime<Utc>, title: &str) {
        self.stage.advance(at - clock::now());
        self.narrator.heading(title, at);
    }

    /// An owner merges one more pull request.
    fn merge_one_more(&self, organization: &str) -> anyhow::Result<()> {
        let control = self.control();
        let names = control.repository_names(organization);
        let repository = names.first();
        let repository = repository.with_context(|| format!("{organization} is empty"))?;
        let new = NewPullRequest::default();
        let number = control.add_pull_request(organization, repository, new);
        control.merge_pull_request(organization, repository, number);
        Ok(())
    }

    /// The teams have merged pull requests during the last two days, each another number of them; returns how many.
    fn merge_many(&self) -> usize {
        let (control, now) = (self.control(), clock::now());
        let mut count = 0;
        for (at, team) in self.teams.iter().enumerate() {
            let repository = control.repository_names(&team.key).into_iter().next();
            for nth in 0..at + 4 {
                let created_at = now - TimeDelta::hours(50 - 4 * nth as i64);
                let new = NewPullRequest {
                    title: TITLES[nth % TITLES.len()].to_owned(),
                    created_at: Some(created_at),
                    merged_at: Some(created_at + TimeDelta::hours(4 + nth as i64)),
                    reviews: 1 + nth % 2,
                    ..NewPullRequest::default()
                };
                if let Some(repository) = &repository {
                    control.add_pull_request(&team.key, repository, new);
                    count += 1;
                }
            }
        }
        count
    }
}

const TITLES: [&str; 3] = [
    "Retry a failed upload",
    "Show the totals of a month",
    "Speed up the search",
];

/// The night on which the language model's server takes the key no more.
const REJECTED_KEY: u32 = 4;

/// When a deployment's night begins, unless its settings say otherwise.
const NIGHT: NaiveTime = NaiveTime::from_hms_opt(4, 45, 0).expect("a time of day");
const MORNING: NaiveTime = NaiveTime::from_hms_opt(9, 0, 0).expect("a time of day");

pub(super) async fn play(
    stage: &Stage,
    options: &DemoOptions,
    say: fn(&str),
) -> anyhow::Result<DemoReport> {
    let started = Instant::now();
    let mut scene = Scene {
        stage,
        options,
        narrator: Narrator::new(&stage.store, say),
        teams: vec![],
    };
    let began_at = clock::now();
    let late_day = late_report::withhold(&scene);
    let refresh = first_day::play(&mut scene).await?;

    scene.next_night("NIGHT 1: cedar is left out, since it waits for its admin");
    let mut nights = vec![nights::run(&mut scene).await?];
    let before = late_report::look(&scene, late_day).await?;

    scene.next_morning("DAY 2: what admins and owners do");
    let receipt = reconnect::play(&mut scene).await?;
    scene.merge_one_more("ember")?;
    scene.narrator.say("ember merges another pull request.");
    licences::give_back(&scene);
    installation::suspend(&scene)?;
    late_report::publish(&scene, late_day);

    scene.next_night("NIGHT 2: fjord's access is gone, aurora's reports are there");
    nights.push(nights::run(&mut scene).await?);
    let after = late_report::look(&scene, late_day).await?;
    let mut licences = vec![licences::look(&scene, 2).await?];

    scene.next_morning("DAY 3: fjord's owner ends the suspension");
    let installation = installation::bring_back(&mut scene).await?;

    licences::await_silence(&scene).await?;
    let fallback = too_few_licences(&mut scene, &mut nights, &mut licences).await?;
    scene.next_morning("THE DAY AFTER NIGHT 5: birch acts");
    licences::buy(&scene);
    scene.next_night("NIGHT 6: birch heals by itself");
    nights.push(nights::run(&mut scene).await?);
    licences.push(licences::look(&scene, 6).await?);

    scene.next_night("NIGHT 7: GitHub answers 401 to every token");
    let (night, storm) = storm::play(&mut scene).await?;
    nights.push(night);
    let insights = insights::play(&mut scene, fallback).await?;

    let told = Told {
        counts: checks::counts_at_github(stage, &scene.teams, options, began_at).await?,
        receipt,
        nights,
        stories: Stories {
            refresh,
            late_report: LateReportStory { before, after },
            installation,
            licences,
            storm,
            insights,
        },
    };
    report::collect(stage, &scene.teams, told, started).await
}

/// The nights 3 to 5, on one of which the language model's key is rejected too; returns why the rules wrote then.
async fn too_few_licences(
    scene: &mut Scene<'_>,
    nights: &mut Vec<NightReport>,
    licences: &mut Vec<LicencesNight>,
) -> anyhow::Result<Option<String>> {
    let mut fallback = None;
    for number in 3..=5 {
        let title = format!("NIGHT {number}: birch still has too few licences");
        scene.next_night(&title);
        if number == REJECTED_KEY {
            insights::reject_key(scene);
        }
        nights.push(self::nights::run(scene).await?);
        licences.push(self::licences::look(scene, number).await?);
        if number == REJECTED_KEY {
            fallback = insights::mend_key(scene).await?;
        }
    }
    Ok(fallback)
}

/// Waits until `look` finds what is looked for, at most for `patience`.
pub(super) async fn until<T>(
    what: &str,
    patience: Duration,
    look: impl AsyncFn() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let ends_at = Instant::now() + patience;
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        anyhow::ensure!(
            Instant::now() < ends_at,
            "{} seconds were not enough for {what}",
            patience.as_secs()
        );
        tokio::time::sleep(POLL).await;
    }
}
