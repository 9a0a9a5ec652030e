//! What a step's end means that Temporal decided upon: it had no time left for another attempt.

use temporalio_common::{
    data_converters::{
        DefaultFailureConverter, FailureConverter, GenericPayloadConverter, PayloadConverter,
        SerializationContext, SerializationContextData, WorkflowSerializationContext,
    },
    protos::temporal::api::{
        common::v1::Payloads,
        failure::v1::{
            ActivityFailureInfo, ApplicationFailureInfo, Failure, TimeoutFailureInfo,
            failure::FailureInfo,
        },
    },
};

use super::*;

fn failure(info: FailureInfo, cause: Option<Failure>) -> Failure {
    Failure {
        failure_info: Some(info),
        cause: cause.map(Box::new),
        ..Failure::default()
    }
}

fn attempt(type_name: &str, report: Option<&FailureReport>) -> Failure {
    let data = SerializationContextData::Workflow(WorkflowSerializationContext::new());
    let converter = PayloadConverter::default();
    let context = SerializationContext::new(&data, &converter);
    let details = report.map(|report| Payloads {
        payloads: converter.to_payloads(&context, report).expect("payloads"),
    });
    let info = ApplicationFailureInfo {
        r#type: type_name.to_owned(),
        details,
        ..ApplicationFailureInfo::default()
    };
    failure(FailureInfo::ApplicationFailureInfo(info), None)
}

/// Both forms of the end: the next attempt would come too late, or the time ran out while none was in work.
fn ends(last: &Failure) -> [ActivityExecutionError; 2] {
    let timeout = FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo::default());
    let behind_timeout = failure(timeout, Some(last.clone()));
    [last.clone(), behind_timeout].map(|cause| {
        let activity = FailureInfo::ActivityFailureInfo(ActivityFailureInfo::default());
        let data = SerializationContextData::Workflow(WorkflowSerializationContext::new());
        let decoded = DefaultFailureConverter::default().to_error(
            failure(activity, Some(cause)),
            &PayloadConverter::default(),
            &data,
        );
        match decoded {
            Ok(IncomingError::Activity(error)) => ActivityExecutionError::Failed(error),
            other => panic!("{other:?}"),
        }
    })
}

#[test]
fn what_the_circuit_breaker_held_is_gone_on_with() {
    for end in ends(&attempt(HELD, None)) {
        assert!(was_held(&end), "{end:?}");
    }
    for end in ends(&attempt("transient", None)) {
        assert!(!was_held(&end), "{end:?}");
    }
}

#[test]
fn a_limit_that_outlasts_the_step_ends_it_under_its_name_and_with_evidence() {
    for cause in [Cause::LoginThrottled, Cause::RateLimited] {
        let report = FailureReport {
            cause,
            effect: Effect::Fail,
            evidence_id: Some(7),
        };
        for end in ends(&attempt(cause.as_str(), Some(&report))) {
            assert!(!was_held(&end));
            assert_eq!(failure_report(end).unwrap(), report);
        }
    }
}

#[test]
fn what_says_nothing_is_a_matter_of_this_deployment() {
    for end in ends(&attempt("transient", None)) {
        let report = failure_report(end).unwrap();
        assert_eq!(report.cause, Cause::StepTimedOut);
        assert_eq!(report.effect, Effect::Fail);
    }
}
