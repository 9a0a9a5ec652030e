//! The compose file is never run here, so it is read: every image pinned, every service with a health check, every
//! dependency there, every setting known to the binary.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;
use worker::config::setting_names;

#[derive(Deserialize)]
struct ComposeFile {
    services: BTreeMap<String, Service>,
    configs: BTreeMap<String, Config>,
}

#[derive(Deserialize)]
struct Service {
    image: String,
    healthcheck: HealthCheck,
    #[serde(default)]
    depends_on: BTreeMap<String, Dependency>,
    #[serde(default)]
    environment: BTreeMap<String, Option<String>>,
    #[serde(default)]
    configs: Vec<MountedConfig>,
}

#[derive(Deserialize)]
struct HealthCheck {
    test: Vec<String>,
}

#[derive(Deserialize)]
struct Dependency {
    condition: String,
}

#[derive(Deserialize)]
struct MountedConfig {
    source: String,
}

#[derive(Deserialize)]
struct Config {
    content: String,
}

/// A file of the repository as it is committed.
fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Not merged with any environment.
fn load() -> (String, ComposeFile) {
    let text = read("docker-compose.temporal.yml");
    let file = serde_saphyr::from_str(&text).expect("it has the shape of a compose file");
    (text, file)
}

/// Whether an image names a version or a day: not `latest`, not a bare major number or a release that moves with every update.
fn is_pinned(image: &str) -> bool {
    let Some((_, tag)) = image.rsplit_once(':') else {
        return false;
    };
    let is_number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let mut parts = tag.split('-');
    let version = parts.next().unwrap_or_default();
    let is_version = version.contains('.') && version.split('.').all(is_number);
    is_version || parts.any(|part| part.len() == 8 && is_number(part))
}

/// The images that a Dockerfile builds from, those of its own stages aside.
fn images_built_from(text: &str) -> Vec<&str> {
    let mut stages = vec![];
    let mut images = vec![];
    for line in text.lines().filter(|line| line.starts_with("FROM ")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let image = words.iter().skip(1).find(|word| !word.starts_with("--"));
        images.extend(image.filter(|image| !stages.contains(*image)));
        if let [.., "AS", stage] = words[..] {
            stages.push(stage);
        }
    }
    images
}

#[test]
fn only_full_versions_count_as_pinned() {
    for image in [
        "postgres:18.6-trixie",
        "temporalio/server:1.32.0",
        "host:5000/coflow:0.1.0",
        "debian:bookworm-20260824-slim",
    ] {
        assert!(is_pinned(image), "{image}");
    }
    for image in [
        "postgres",
        "postgres:latest",
        "postgres:18",
        "debian:bookworm-slim",
        "host:5000/coflow",
        "a:1.x",
    ] {
        assert!(!is_pinned(image), "{image}");
    }
}

#[test]
fn every_image_is_pinned_to_a_version() {
    let (_, file) = load();
    for (name, service) in &file.services {
        assert!(is_pinned(&service.image), "{name} uses {}", service.image);
    }
}

#[test]
fn the_program_is_built_from_pinned_images() {
    let text = read("worker/Dockerfile");
    let images = images_built_from(&text);
    assert_eq!(
        images.len(),
        2,
        "one to build in, one to run in: {images:?}"
    );
    for image in images {
        assert!(is_pinned(image), "the Dockerfile builds from {image}");
    }
}

#[test]
fn every_service_has_a_health_check() {
    let (_, file) = load();
    for (name, service) in &file.services {
        let test = &service.healthcheck.test;
        assert!(
            test.len() > 1 && test[0].starts_with("CMD"),
            "{name} is checked by {test:?}"
        );
    }
}

#[test]
fn every_dependency_is_a_service_and_waits_for_the_right_moment() {
    let (_, file) = load();
    let one_shot = ["temporal-schema", "temporal-namespace", "coflow-migrate"];
    for (name, service) in &file.services {
        for (needed, dependency) in &service.depends_on {
            assert!(
                file.services.contains_key(needed),
                "{name} waits for {needed}, which is not there"
            );
            let expected = if one_shot.contains(&needed.as_str()) {
                "service_completed_successfully"
            } else {
                "service_healthy"
            };
            assert_eq!(dependency.condition, expected, "{name} waits for {needed}");
        }
    }
}

/// Settings of the private servers, which no container has.
const NOT_PASSED: [&str; 3] = ["COFLOW_DEV_DIR", "PG_BIN", "TEMPORAL_CLI"];

/// A setting in an .env file reaches coflow, unless the file has its own value for it: the addresses inside.
#[test]
fn every_setting_of_the_binary_is_passed_to_coflow_and_no_other() {
    let (_, file) = load();
    let known: BTreeSet<String> = setting_names().into_iter().collect();
    let ours: Vec<_> = file
        .services
        .iter()
        .filter(|(name, _)| name.starts_with("coflow-"))
        .collect();
    assert_eq!(ours.len(), 3, "migrate, worker and serve");
    for (name, service) in ours {
        let passed = service.environment.keys().map(String::as_str);
        let all: BTreeSet<&str> = passed.chain(NOT_PASSED).collect();
        assert_eq!(
            all,
            known.iter().map(String::as_str).collect(),
            "{name} is given these settings, coflow reads those"
        );
    }
}

#[test]
fn every_secret_must_be_given() {
    let (text, file) = load();
    for secret in [
        "POSTGRES_PASSWORD",
        "COFLOW_DB_PASSWORD",
        "TEMPORAL_DB_PASSWORD",
        "COFLOW_ENCRYPTION_KEY",
    ] {
        let uses = text.matches(&format!("${{{secret}")).count();
        let required = text.matches(&format!("${{{secret}:?")).count();
        assert!(
            uses > 0 && uses == required,
            "{secret} has a default or is not used"
        );
    }
    let mounted = file.services.values().flat_map(|service| &service.configs);
    for config in mounted {
        let content = file
            .configs
            .get(&config.source)
            .map(|config| config.content.as_str());
        assert!(
            content.is_some_and(|text| !text.is_empty()),
            "{} is not there",
            config.source
        );
    }
}
