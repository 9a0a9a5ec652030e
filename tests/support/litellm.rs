//! A real server with OpenAI's interface that nobody here wrote: LiteLLM's proxy on loopback. Its models answer what its settings say, so
//! that nothing leaves the machine; how it checks keys, names, limits and fields is its own.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use activities::llm::client::{LlmClient, LlmSettings};

use super::{environment::unique_name, pip::installed, waiting::until};

/// The latest whose parts are all published.
const PACKAGE: &str = "litellm[proxy]==1.106.12";
/// What each model does. The words for failures are LiteLLM's.
const MODELS: [(&str, &str); 5] = [
    ("sound", r#"{"ai":"none","summary":"Adds a page."}"#),
    ("talking", "Sure! It adds a page."),
    ("limited", "litellm.RateLimitError"),
    ("short", "litellm.ContextWindowExceededError"),
    ("broken", "litellm.InternalServerError"),
];

/// A proxy at work. It ends with this value.
pub(crate) struct LiteLlm {
    port: u16,
    folder: PathBuf,
    process: Child,
}

impl LiteLlm {
    /// The key it takes.
    pub(crate) const KEY: &str = "sk-coflow-tests";

    /// Starts one and waits until it listens.
    pub(crate) async fn start() -> LiteLlm {
        let packages = installed(PACKAGE).await;
        let folder = std::env::temp_dir().join(unique_name());
        fs::create_dir_all(&folder).expect("a folder");
        // JSON is YAML.
        fs::write(folder.join("config.yaml"), config().to_string()).expect("written");
        let log = fs::File::create(folder.join("log")).expect("a file");
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let process = Command::new("python3")
            .args(["-m", "litellm.proxy.proxy_cli", "--config", "config.yaml"])
            .args(["--host", "127.0.0.1", "--telemetry", "False", "--port"])
            .arg(port.to_string())
            .current_dir(&folder)
            .env("PYTHONPATH", packages)
            // What its models cost is in the package as well as on the web.
            .env("LITELLM_LOCAL_MODEL_COST_MAP", "True")
            // That of the tests is none of its business.
            .env_remove("DATABASE_URL")
            .stdin(Stdio::null())
            .stderr(log.try_clone().expect("a file"))
            .stdout(log)
            .spawn();
        let mut server = LiteLlm {
            port,
            folder,
            process: process.expect("python3 runs"),
        };
        server.await_start().await;
        server
    }

    async fn await_start(&mut self) {
        let (port, log) = (self.port, self.folder.join("log"));
        let process = &mut self.process;
        let look = || {
            if let Ok(Some(status)) = process.try_wait() {
                let log = fs::read_to_string(&log).unwrap_or_default();
                panic!("LiteLLM ended with {status}: {log}");
            }
            let is_there = TcpStream::connect(("127.0.0.1", port)).is_ok();
            async move { is_there }
        };
        until("LiteLLM", look, |is_there| *is_there).await;
    }

    /// A client of it with this key.
    pub(crate) fn client(&self, key: &str) -> LlmClient {
        let base_url = format!("http://127.0.0.1:{}/v1", self.port);
        LlmClient::new(LlmSettings {
            base_url: base_url.parse().expect("an address"),
            api_key: key.into(),
            model: "sound".to_owned(),
            fallback_model: None,
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(60),
            max_body_bytes: LlmSettings::DEFAULT_MAX_BODY_BYTES,
        })
        .expect("valid settings")
    }
}

impl Drop for LiteLlm {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn config() -> serde_json::Value {
    let models = MODELS.map(|(name, answer)| {
        serde_json::json!({
            "model_name": name,
            "litellm_params": {
                "model": format!("openai/{name}"),
                "api_key": "none",
                "mock_response": answer,
            },
        })
    });
    serde_json::json!({
        "model_list": models,
        "general_settings": { "master_key": LiteLlm::KEY },
        "litellm_settings": { "telemetry": false, "num_retries": 0 },
        // A model that fails is asked again all the same.
        "router_settings": { "num_retries": 0, "disable_cooldowns": true },
    })
}
