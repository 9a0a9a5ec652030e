//! A token that dies in the middle of the first sync: a real 401 through the whole path, parked, reconnected, resumed.

use worker::dev::github_simulator::OrgSpec;
use workflows::domain::pipeline::PipelineStatus;

use crate::support::App;

#[tokio::test]
async fn smoke() {
    let app = App::start().await;
    let team = app.add_team(OrgSpec::named("acme")).await;
    app.connect_copilot(&team).await;
    let t = app.onboard(&team).await;
    assert_eq!(t.pipeline_status, PipelineStatus::Complete);
    println!("{:?}", app.statuses(&team).await);
    println!("{:?}", app.activities_of(&team.onboard_workflow_id()).await);
    println!("{:?}", app.run_night().await);
    println!("{:?}", app.overview(&team).await);
}
