//! The circuit breaker, as health page and metrics show it.

use std::fmt::Write;

use activities::store::Breaker;
use serde_json::{Value, json};

/// The breakers that hold somebody, for `/health`.
pub(super) fn open_as_json(breakers: &[Breaker]) -> Value {
    let open = breakers.iter().filter(|breaker| breaker.is_open());
    open.map(|breaker| {
        json!({
            "kind": breaker.kind.as_str(),
            "state": breaker.state.as_str(),
            "since": breaker.since,
            "teams": breaker.teams,
            "next_probe_at": breaker.next_probe_at,
        })
    })
    .collect()
}

/// One paragraph a breaker that holds somebody, for the page.
pub(super) fn open_as_html(breakers: &[Breaker]) -> String {
    let open = breakers.iter().filter(|breaker| breaker.is_open());
    open.map(|breaker| format!("<p><strong>{breaker}</strong></p>"))
        .collect()
}

/// Gauges and counters of all kinds.
pub(super) fn write_metrics(out: &mut String, breakers: &[Breaker]) {
    for (name, kind, help, value) in [
        (
            "coflow_github_breaker_open",
            "gauge",
            "1 while work is held because many teams fail alike at GitHub.",
            (|breaker| u64::from(breaker.is_open())) as fn(&Breaker) -> u64,
        ),
        (
            "coflow_github_breaker_openings_total",
            "counter",
            "How often that has happened.",
            |breaker| breaker.openings,
        ),
    ] {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for breaker in breakers {
            let value = value(breaker);
            let _ = writeln!(out, "{name}{{kind=\"{}\"}} {value}", breaker.kind);
        }
    }
}
