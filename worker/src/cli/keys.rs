//! `coflow keys`: which keys seal the stored secrets, and sealing them all with the first one.

use std::time::{Duration, Instant};

use activities::store::{KeyStanding, KeyUse, Rotation, Store, UnopenedSecret};
use anyhow::bail;
use clap::Subcommand;
use workflows::domain::team::TeamId;

use super::{
    context::Context,
    output::{print_json, print_table, say},
};

/// Teams whose rows are held at once.
const BATCH: u32 = 50;
/// Pause before secrets that were in use are looked at again.
const PAUSE: Duration = Duration::from_millis(500);
/// Nobody holds a secret for longer than two requests to GitHub take.
const PATIENCE: Duration = Duration::from_secs(150);

/// `coflow keys …`
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Show the keys by their ids, and how many secrets each seals.
    Show,
    /// Seal every secret with the first key of COFLOW_ENCRYPTION_KEY, while workers run. Once more goes on where it stopped.
    Rotate,
}

pub(super) async fn execute(context: &Context, command: KeysCommand) -> anyhow::Result<()> {
    let store = context.store().await?;
    match command {
        KeysCommand::Show => show(context, &store).await,
        KeysCommand::Rotate => rotate(context, &store).await,
    }
}

async fn show(context: &Context, store: &Store) -> anyhow::Result<()> {
    let uses = store.load_key_uses().await?;
    let missing = uses
        .iter()
        .filter(|each| each.standing == KeyStanding::Missing);
    let missing: Vec<String> = missing.map(|each| each.key_id.clone()).collect();
    if context.json {
        let keys: Vec<_> = uses
            .iter()
            .map(|each| {
                serde_json::json!({
                    "key_id": each.key_id,
                    "secrets": each.secrets,
                    "standing": word(each.standing),
                })
            })
            .collect();
        print_json(&keys)?;
    } else {
        let rows = uses.into_iter().map(
            |KeyUse {
                 key_id,
                 secrets,
                 standing,
             }| { [key_id, secrets.to_string(), word(standing).to_owned()] },
        );
        print_table(["key", "secrets", "standing"], rows);
    }
    if !missing.is_empty() {
        bail!(
            "COFLOW_ENCRYPTION_KEY does not hold {}: give it again, after a comma",
            missing.join(", ")
        );
    }
    Ok(())
}

fn word(standing: KeyStanding) -> &'static str {
    match standing {
        KeyStanding::Seals => "seals and opens",
        KeyStanding::Opens => "opens",
        KeyStanding::Missing => "MISSING",
    }
}

/// Passes over all teams until nothing is left that another key seals; rows that a worker holds are met again in the next pass.
async fn rotate(context: &Context, store: &Store) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let mut rotated = 0;
    let unopened = loop {
        let pass = pass(store).await?;
        rotated += pass.rotated;
        let left = sealed_otherwise(store).await?;
        let unopened = pass.unopened;
        // Of the missing or wrong keys, the secrets stay: what is left beside them was in use.
        if left <= otherwise(store, &unopened).await? {
            break unopened;
        }
        if Instant::now() > deadline {
            bail!(
                "{rotated} secrets were sealed anew; some are in use: run coflow keys rotate again"
            );
        }
        tokio::time::sleep(PAUSE).await;
    };
    let lines: Vec<String> = unopened.iter().map(UnopenedSecret::to_string).collect();
    if context.json {
        print_json(&serde_json::json!({ "rotated": rotated, "left": lines }))?;
    } else {
        say!("{rotated} secrets were sealed anew with the first key");
    }
    if !lines.is_empty() {
        bail!("left as they are: {}", lines.join("; "));
    }
    Ok(())
}

async fn pass(store: &Store) -> anyhow::Result<Rotation> {
    let mut whole = Rotation::default();
    let mut after = TeamId(0);
    loop {
        let batch = store.rotate_keys(after, BATCH).await?;
        whole.rotated += batch.rotated;
        whole.unopened.extend(batch.unopened);
        let Some(last) = batch.last else {
            return Ok(whole);
        };
        after = last;
    }
}

async fn sealed_otherwise(store: &Store) -> anyhow::Result<u64> {
    let uses = store.load_key_uses().await?;
    let others = uses
        .iter()
        .filter(|each| each.standing != KeyStanding::Seals);
    Ok(others.map(|each| each.secrets).sum())
}

/// How many of these another key than the first seals.
async fn otherwise(store: &Store, unopened: &[UnopenedSecret]) -> anyhow::Result<u64> {
    let uses = store.load_key_uses().await?;
    let first = uses.iter().find(|each| each.standing == KeyStanding::Seals);
    let others = unopened
        .iter()
        .filter(|secret| first.is_none_or(|first| first.key_id != secret.key_id));
    Ok(others.count() as u64)
}
