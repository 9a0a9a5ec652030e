//! The settings of the language model.

use std::time::Duration;

use activities::{BatchSettings, ModelSettings, llm::client::LlmSettings, store::TokenBudget};
use anyhow::Context as _;
use clap::{
    Args,
    builder::{NonEmptyStringValueParser, TypedValueParser},
};
use secrecy::SecretString;
use url::Url;

/// How the language model is reached, and what it may cost.
#[derive(Debug, Clone, Args)]
pub struct LanguageModelSettings {
    /// Language model's server: any with OpenAI's chat completions, as `https://HOST/v1`.
    #[arg(
        long,
        env = "COFLOW_LLM_URL",
        default_value = "https://api.openai.com/v1",
        global = true,
        hide_short_help = true
    )]
    pub llm_url: Url,

    /// Key of that server; any word for one that asks for none. Without it, rules write analyses and insights.
    #[arg(
        long,
        env = "COFLOW_LLM_API_KEY",
        hide_env_values = true,
        value_parser = NonEmptyStringValueParser::new().map(SecretString::from),
        global = true,
        hide_short_help = true
    )]
    pub llm_api_key: Option<SecretString>,

    /// Model that is asked.
    #[arg(long, env = "COFLOW_LLM_MODEL", global = true, hide_short_help = true)]
    pub llm_model: Option<String>,

    /// Model that is asked once when the answer of the first is not valid.
    #[arg(
        long,
        env = "COFLOW_LLM_FALLBACK_MODEL",
        global = true,
        hide_short_help = true
    )]
    pub llm_fallback_model: Option<String>,

    /// Seconds a whole request to that server may take. Two of them must fit behind a slice's end into an attempt's five minutes.
    #[arg(long, env = "COFLOW_LLM_TIMEOUT_SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=80), global = true, hide_short_help = true)]
    pub llm_timeout_seconds: u64,

    /// Tokens that one team may use in a UTC day. When they are spent, rules write.
    #[arg(long, env = "COFLOW_LLM_TEAM_TOKENS", default_value_t = 2_000_000, value_parser = clap::value_parser!(i64).range(0..), global = true, hide_short_help = true)]
    pub llm_team_tokens: i64,

    /// The same of all teams together.
    #[arg(long, env = "COFLOW_LLM_DAY_TOKENS", default_value_t = 20_000_000, value_parser = clap::value_parser!(i64).range(0..), global = true, hide_short_help = true)]
    pub llm_day_tokens: i64,

    /// Questions of one team that are asked at the same time.
    #[arg(long, env = "COFLOW_LLM_CONCURRENCY", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64), global = true, hide_short_help = true)]
    pub llm_concurrency: u16,

    /// From so many pull requests on, and not while people wait, they go as a batch, which costs half. 0: never.
    #[arg(long, env = "COFLOW_LLM_BATCH_FROM", default_value_t = 100, value_parser = clap::value_parser!(u32).range(0..=1000), global = true, hide_short_help = true)]
    pub llm_batch_from: u32,

    /// Hours after which a batch is cancelled; what has no answer then is asked one by one.
    #[arg(long, env = "COFLOW_LLM_BATCH_HOURS", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=24), global = true, hide_short_help = true)]
    pub llm_batch_hours: u64,
}

/// The first look at a batch.
const FIRST_LOOK: Duration = Duration::from_secs(15);
/// A server that does not take a connection by then is away.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl LanguageModelSettings {
    /// How the model is used; `None` without a key.
    ///
    /// # Errors
    /// When there is a key and no model.
    pub fn model(&self) -> anyhow::Result<Option<ModelSettings>> {
        let Some(api_key) = self.llm_api_key.clone() else {
            return Ok(None);
        };
        let model = self
            .llm_model
            .clone()
            .context("COFLOW_LLM_API_KEY needs a model: set COFLOW_LLM_MODEL")?;
        Ok(Some(ModelSettings {
            server: LlmSettings {
                base_url: self.llm_url.clone(),
                api_key,
                model,
                fallback_model: self.llm_fallback_model.clone(),
                connect_timeout: CONNECT_TIMEOUT,
                total_timeout: Duration::from_secs(self.llm_timeout_seconds),
                max_body_bytes: LlmSettings::DEFAULT_MAX_BODY_BYTES,
            },
            budget: self.token_budget(),
            concurrency: self.llm_concurrency.into(),
            batch: BatchSettings {
                from: self.llm_batch_from,
                poll: FIRST_LOOK,
                patience: Duration::from_secs(self.llm_batch_hours * 60 * 60),
            },
        }))
    }

    /// Tokens that may be used in a UTC day.
    pub fn token_budget(&self) -> TokenBudget {
        TokenBudget {
            team: self.llm_team_tokens,
            deployment: self.llm_day_tokens,
        }
    }
}
