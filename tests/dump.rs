//! Everything that a database holds, to compare it before and after, or with another.

use std::collections::BTreeMap;

use crate::support::App;

/// Columns that hold when we looked or wrote last, which a second look moves. Every other column must stay, also those that say
/// since when something is so: a repeated write is no new event.
const LAST_LOOKS: [&str; 8] = [
    "stored_at",
    "seen_at",
    "fetched_at",
    "taken_at",
    "measured_at",
    "written_at",
    "recorded_at",
    "copilot_last_sync_at",
];

/// Every row of every table, without the times of the last look and without the columns `besides`.
pub(crate) async fn dump(app: &App, besides: &[&str]) -> BTreeMap<String, Vec<String>> {
    let tables = "select table_name::text from information_schema.tables
        where table_schema = 'public' and table_name <> '_sqlx_migrations'";
    let tables = app.select(tables).await;
    assert!(tables.len() > 20, "{tables:?}");
    let columns = [&LAST_LOOKS, besides].concat().join("','");
    // One statement for all: connecting is what takes time.
    let selects: Vec<String> = tables
        .iter()
        .map(|table| {
            format!("select '{table} ' || (to_jsonb(t) - array['{columns}'])::text from {table} t")
        })
        .collect();
    let rows = format!("{} order by 1", selects.join(" union all "));
    let mut dump: BTreeMap<String, Vec<String>> =
        tables.into_iter().map(|table| (table, vec![])).collect();
    for line in app.select(&rows).await {
        let (table, row) = line.split_once(' ').unwrap_or_default();
        if let Some(rows) = dump.get_mut(table) {
            rows.push(row.to_owned());
        }
    }
    dump
}
