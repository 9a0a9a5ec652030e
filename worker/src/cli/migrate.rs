//! `coflow migrate`: brings the database's schema up to date.

use super::{
    context::Context,
    output::{print_json, say},
};

pub(super) async fn execute(context: &Context) -> anyhow::Result<()> {
    let store = context.unchecked_store().await?;
    let version = store.migrate().await?;
    if context.json {
        return print_json(&serde_json::json!({ "schema_version": version }));
    }
    say!("the schema is at version {version}");
    Ok(())
}
