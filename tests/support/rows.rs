//! What the tables hold, to compare one database with another and with GitHub.

use std::collections::BTreeMap;

use secrecy::ExposeSecret;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{app::App, waiting::until};

impl App {
    /// The first column of every row, as text.
    pub(crate) async fn select(&self, sql: &str) -> Vec<String> {
        let mut connection = PgConnection::connect(self.database().url.expose_secret())
            .await
            .expect("the database answers");
        let rows: Vec<Option<String>> = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_all(&mut connection)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        connection.close().await.expect("closed");
        rows.into_iter().map(Option::unwrap_or_default).collect()
    }

    /// One number.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        let rows = self.select(&format!("select ({sql})::text")).await;
        rows[0].parse().expect("a number")
    }

    /// The rows of these tables as sorted JSON, without the columns that say when and in which order a row was written.
    pub(crate) async fn rows(&self, tables: &[&str]) -> BTreeMap<String, Vec<String>> {
        let mut all = BTreeMap::new();
        for table in tables {
            let sql = format!("select to_jsonb(t)::text from {table} t");
            let rows = self.select(&sql).await;
            let mut rows: Vec<String> = rows.iter().map(|row| without_times(row)).collect();
            rows.sort();
            all.insert((*table).to_owned(), rows);
        }
        all
    }
}

/// A table that nobody else can use until it is released: work on it stands still.
pub(crate) struct HeldTable(PgConnection);

impl App {
    /// Holds a table.
    pub(crate) async fn hold_table(&self, table: &str) -> HeldTable {
        let mut connection = PgConnection::connect(self.database().url.expose_secret())
            .await
            .expect("the database answers");
        let lock = format!("begin; lock table {table} in access exclusive mode");
        sqlx::raw_sql(AssertSqlSafe(lock))
            .execute(&mut connection)
            .await
            .expect("the table is free");
        HeldTable(connection)
    }

    /// Waits until somebody's work stands still at a held table.
    pub(crate) async fn await_held_up(&self) {
        let waiting = "select count(*) from pg_stat_activity \
                       where datname = current_database() and wait_event_type = 'Lock'";
        let look = || self.count(waiting);
        until("somebody to meet the held table", look, |found| *found > 0).await;
    }
}

impl HeldTable {
    /// Lets the work go on.
    pub(crate) async fn release(self) {
        self.0.close().await.expect("closed");
    }
}

/// Columns that differ between two equal runs.
const OF_THE_RUN: [&str; 5] = [
    "fetched_at",
    "first_seen_at",
    "measured_at",
    "seen_at",
    "stored_at",
];

fn without_times(row: &str) -> String {
    let mut row: Value = serde_json::from_str(row).expect("JSON of the database");
    if let Some(columns) = row.as_object_mut() {
        columns.retain(|name, _| !OF_THE_RUN.contains(&name.as_str()));
    }
    row.to_string()
}

/// What is stored of Copilot and of nights: every column of a date or a time moves. All of it in one statement, since tables refer to
/// each other by the day; far ahead first and then back, since no two rows may have the same day in between.
const LET_DAYS_PASS: &str = "do $$
    declare
        step text;
        moves text;
    begin
        foreach step in array array['+ interval ''40000 days''', '- interval ''40000 days'' - interval ''DAYS days'''] loop
            select string_agg(format('m%s as (update %I set %s)', number, table_name, columns), ', ') into moves
            from (select row_number() over () as number, table_name,
                      string_agg(format('%1$I = %1$I ' || step, column_name), ', ') as columns
                  from information_schema.columns
                  where table_schema = 'public' and data_type in ('date', 'timestamp with time zone')
                      and (table_name like any (array['copilot%', 'seat%', 'licence%'])
                          or table_name in ('team_night', 'incident', 'status_event')
                          or table_name = 'team' and column_name like 'copilot%')
                  group by table_name) as moved;
            execute 'with ' || moves || ' select';
        end loop;
    end $$";

impl App {
    /// Lets days pass for a team whose work rests: the process has one clock for all tests, so what is stored moves back instead.
    pub(crate) async fn let_days_pass(&self, days: u32) {
        let mut connection = PgConnection::connect(self.database().url.expose_secret())
            .await
            .expect("the database answers");
        let moves = LET_DAYS_PASS.replace("DAYS", &days.to_string());
        sqlx::raw_sql(AssertSqlSafe(moves))
            .execute(&mut connection)
            .await
            .expect("nothing else moves");
        connection.close().await.expect("closed");
    }
}
