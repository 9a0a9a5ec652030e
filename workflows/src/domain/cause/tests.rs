//! A walk over all causes: nobody is left without words, without somebody who can act, or without a way out.

use std::collections::BTreeSet;

use super::{Actor, Cause, Exit};

/// Every text that people read, with the organization in its place.
fn texts(cause: Cause) -> Vec<String> {
    let email = cause.email("acme");
    vec![
        cause.explanation().to_owned(),
        cause.next_action("acme"),
        email.sentence,
        cause.runbook().to_owned(),
    ]
}

#[test]
fn every_cause_has_whole_sentences_without_a_placeholder() {
    for cause in Cause::ALL {
        for text in texts(*cause) {
            assert!(text.ends_with('.'), "{cause}: {text}");
            assert!(text.starts_with(char::is_alphabetic), "{cause}: {text}");
            assert!(!text.contains("  "), "{cause}: {text}");
        }
        let email = cause.email("acme");
        let shown = [texts(*cause), vec![email.subject.clone()], page(*cause)].concat();
        for text in shown {
            assert!(!text.contains("ORG"), "{cause}: {text}");
            assert!(!text.contains(['{', '}', '<', '>']), "{cause}: {text}");
        }
        let is_subject = email.subject.contains("acme") && !email.subject.ends_with('.');
        assert!(is_subject && email.subject.len() < 78, "{email:?}");
    }
}

fn page(cause: Cause) -> Vec<String> {
    cause
        .page("acme", "https://github.example/")
        .into_iter()
        .collect()
}

#[test]
fn an_email_names_the_organization_it_is_about_and_no_other() {
    for cause in Cause::ALL {
        let (acme, globex) = (cause.email("acme"), cause.email("globex"));
        assert!(acme.sentence.contains("acme"), "{cause}: {acme:?}");
        assert_eq!(acme.sentence.replace("acme", "globex"), globex.sentence);
        assert_eq!(acme.subject.replace("acme", "globex"), globex.subject);
    }
}

#[test]
fn whoever_has_to_act_is_told_where() {
    for cause in Cause::ALL {
        match cause.actor() {
            Actor::OrganizationOwner | Actor::TokenOwner | Actor::BillingManager => {
                assert!(!page(*cause).is_empty(), "{cause}: where to click");
            }
            Actor::TeamAdmin => {
                let action = cause.next_action("acme");
                assert!(action.contains("coflow team reconnect acme"), "{cause}");
            }
            // Nobody acts, so it has to pass by itself.
            Actor::Nobody => assert_eq!(cause.exit(), Exit::NextNight, "{cause}"),
            Actor::Operator | Actor::CoflowDevelopers => {}
        }
        for page in page(*cause) {
            let is_known = page.starts_with("https://github.example/")
                || ["https://www.githubstatus.com", "https://support.github.com"].contains(&&*page);
            assert!(is_known && !page[8..].contains("//"), "{cause}: {page}");
        }
    }
}

#[test]
fn advice_says_what_is_wrong_and_who_can_do_what() {
    assert_eq!(
        Cause::InsufficientLicenses.advice("acme"),
        "There are fewer Copilot seats than the metrics need. For an organization owner: assign more Copilot seats; \
         until then there is nothing to show."
    );
    let outage = Cause::GithubUnreachable.advice("acme");
    assert!(outage.contains("long. Wait until"), "{outage}");
}

#[test]
fn metrics_tell_causes_apart_and_every_actor_and_exit_is_somebody_s() {
    let labels: BTreeSet<_> = Cause::ALL
        .iter()
        .map(|cause| cause.metric_label())
        .collect();
    assert_eq!(labels.len(), Cause::ALL.len());
    for actor in Actor::ALL {
        let acts = Cause::ALL.iter().any(|cause| cause.actor() == *actor);
        assert!(acts, "{actor} never has to do anything");
        assert!(!actor.title().is_empty());
    }
    for exit in Exit::ALL {
        let leads_out = Cause::ALL.iter().any(|cause| cause.exit() == *exit);
        assert!(leads_out, "{exit} leads out of nothing");
        assert!(exit.sentence().ends_with('.'));
    }
}
