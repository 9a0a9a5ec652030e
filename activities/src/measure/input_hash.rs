//! The hash that says whether an insight's input has changed.

use std::fmt::Write;

use serde_json::Value;
use sha2::{Digest, Sha256};
use workflows::domain::insight::InsightInput;

/// SHA-256, in lowercase hex, of the input as canonical JSON: keys sorted, no spaces, fractions rounded to two decimals so that
/// the order of a sum cannot change it. Two decimals are hundredths of an hour and whole percents, which is all a reader sees.
pub fn input_hash(input: &InsightInput) -> String {
    let mut canonical = String::new();
    // Plain structs with string keys always have a JSON form.
    let value = serde_json::to_value(input).unwrap_or(Value::Null);
    write_canonical(&value, &mut canonical);
    let digest = Sha256::digest(canonical.as_bytes());
    digest.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_unstable_by_key(|(key, _)| *key);
            out.push('{');
            for (index, (key, value)) in sorted.into_iter().enumerate() {
                let comma = if index > 0 { "," } else { "" };
                let _ = write!(out, "{comma}{}:", Value::from(key.as_str()));
                write_canonical(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                write_canonical(item, out);
            }
            out.push(']');
        }
        Value::Number(number) => {
            let _ = match number.as_f64().filter(|_| number.is_f64()) {
                // Adding zero turns a negative zero into a positive one.
                Some(fraction) => write!(out, "{:.2}", (fraction * 100.0).round() / 100.0 + 0.0),
                None => write!(out, "{number}"),
            };
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {
            let _ = write!(out, "{value}");
        }
    }
}

#[cfg(test)]
mod tests {
    use workflows::domain::{
        copilot::CopilotSkipReason, insight::CopilotInput, metrics::TeamMeasures,
    };

    use super::*;

    fn input(median: f64, merged: i64) -> InsightInput {
        InsightInput {
            window_days: 30,
            current: TeamMeasures {
                merged_count: merged,
                median_cycle_hours: Some(median),
                ..TeamMeasures::default()
            },
            previous: None,
            ai: None,
            copilot: CopilotInput::Skipped {
                reason: CopilotSkipReason::NotConnected,
            },
        }
    }

    #[test]
    fn noise_does_not_change_the_hash() {
        assert_eq!(input_hash(&input(0.1 + 0.2, 7)), input_hash(&input(0.3, 7)));
        assert_eq!(input_hash(&input(-0.0, 7)), input_hash(&input(0.0, 7)));
    }

    #[test]
    fn a_changed_number_or_an_appearing_part_does() {
        let base = input(12.0, 7);
        let with_previous = InsightInput {
            previous: Some(TeamMeasures::default()),
            ..base.clone()
        };
        let hashes = [
            input_hash(&base),
            input_hash(&input(12.0, 8)),
            input_hash(&input(12.1, 7)),
            input_hash(&InsightInput {
                window_days: 7,
                ..base.clone()
            }),
            input_hash(&with_previous),
        ];
        let distinct: std::collections::HashSet<_> = hashes.iter().collect();
        assert_eq!(distinct.len(), hashes.len());
    }

    /// The stored hashes of yesterday must still match today: a change here regenerates every team's insights.
    #[test]
    fn the_hash_is_stable_over_versions() {
        let hash = input_hash(&input(12.0, 7));
        assert_eq!(hash.len(), 64);
        assert_eq!(
            hash,
            "552b1c0d332d24d52651e817c5815cbd55e2ee915fad22895719daeb24c0130d"
        );
    }
}
