//! Prism as a proxy that turns every answer that breaks GitHub's description into an error.

use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{Command, Stdio},
};

use super::{
    description::{Description, Operation},
    npm,
};
use crate::{binary::Running, support::unique_name};

/// A Prism at work. It ends with this value.
pub(super) struct Prism {
    /// Its address, without a slash at the end.
    pub(super) url: String,
    /// What it holds the answers against.
    pub(super) description: Description,
    file: PathBuf,
    _process: Running,
}

impl Prism {
    /// Starts one in front of a GitHub.
    pub(super) async fn start(upstream: &str, operations: &[Operation]) -> Self {
        let packages = npm::packages().await;
        let description = Description::read(&packages.rest_description(), operations);
        let file = std::env::temp_dir().join(format!("{}.json", unique_name()));
        description.store(&file);
        let port = free_port();
        let mut command = Command::new("node");
        command
            .arg(packages.prism())
            .arg("proxy")
            .arg(&file)
            .args([upstream, "--errors", "--host", "127.0.0.1", "--port"])
            .arg(port.to_string())
            .stdin(Stdio::null());
        let process = Running::try_start(command);
        let process = process.unwrap_or_else(|error| panic!("{}", npm::missing("node", &error)));
        process.await_log("Prism is listening on").await;
        Self {
            url: format!("http://127.0.0.1:{port}"),
            description,
            file,
            _process: process,
        }
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.file);
    }
}

fn free_port() -> u16 {
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    free.local_addr().expect("an address").port()
}
