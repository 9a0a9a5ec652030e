//! Use of Copilot in a window of days by IDE, language, feature and model.

use chrono::NaiveDate;
use serde::Serialize;
use workflows::domain::team::TeamId;

use super::{Store, StoreError};

/// As many names of each are shown.
const MOST_NAMES: i64 = 8;

/// The most used of each kind, by generations. A kind that GitHub reported nothing of is empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CopilotBreakdown {
    /// Editors.
    pub ides: Vec<UsageShare>,
    /// Programming languages, with GitHub's own "unknown" and "others".
    pub languages: Vec<UsageShare>,
    /// Features, such as completion and chat.
    pub features: Vec<UsageShare>,
    /// Models.
    pub models: Vec<UsageShare>,
}

/// What was used under one name. `None` where GitHub reported nothing: absent is not zero.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UsageShare {
    /// The editor, language, feature or model.
    pub name: String,
    /// Interactions that people began.
    pub interactions: Option<i64>,
    /// Code generations.
    pub generations: Option<i64>,
    /// Accepted generations.
    pub acceptances: Option<i64>,
    /// `acceptances / generations`, 0 to 1; `None` without generations.
    pub acceptance_rate: Option<f64>,
}

impl Store {
    /// Breaks the days `from` to `to` down, both included.
    pub async fn load_copilot_breakdown(
        &self,
        team: TeamId,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<CopilotBreakdown, StoreError> {
        let rows = sqlx::query!(
            r#"with usage as (
                   select 'ide' as kind, ide as name, interactions, generations, acceptances
                   from copilot_ide_day where team_id = $1 and day between $2 and $3
                   union all
                   select 'language', language, interactions, generations, acceptances
                   from copilot_language_day where team_id = $1 and day between $2 and $3
                   union all
                   select 'feature', feature, interactions, generations, acceptances
                   from copilot_feature_model_day where team_id = $1 and day between $2 and $3
                   union all
                   select 'model', model, interactions, generations, acceptances
                   from copilot_feature_model_day where team_id = $1 and day between $2 and $3
               ), summed as (
                   select kind, name, copilot_total(sum(interactions)) as interactions,
                       copilot_total(sum(generations)) as generations,
                       copilot_total(sum(acceptances)) as acceptances
                   from usage where name <> ''
                   group by kind, name
               ), ranked as (
                   select *, row_number() over (partition by kind
                       order by generations desc nulls last, interactions desc nulls last, name) as place
                   from summed
               )
               select kind as "kind!", name as "name!", interactions, generations, acceptances
               from ranked where place <= $4 order by kind, place"#,
            team.0,
            from,
            to,
            MOST_NAMES,
        )
        .fetch_all(&self.pool)
        .await?;
        let mut breakdown = CopilotBreakdown::default();
        for row in rows {
            let list = match row.kind.as_str() {
                "ide" => &mut breakdown.ides,
                "language" => &mut breakdown.languages,
                "feature" => &mut breakdown.features,
                _ => &mut breakdown.models,
            };
            let rate = row.acceptances.zip(row.generations);
            list.push(UsageShare {
                name: row.name,
                interactions: row.interactions,
                generations: row.generations,
                acceptances: row.acceptances,
                acceptance_rate: rate
                    .filter(|(_, generated)| *generated > 0)
                    .map(|(accepted, generated)| accepted as f64 / generated as f64),
            });
        }
        Ok(breakdown)
    }
}
