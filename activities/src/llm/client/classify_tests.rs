//! Refusals as servers send them, each with its class. The shapes are those of OpenAI, Azure, vLLM, Ollama, LiteLLM and a few others.

use std::time::Duration;

use super::*;
use crate::llm::client::DialectPart;

const CHAT: LlmEndpoint = LlmEndpoint::ChatCompletions;

fn class(endpoint: LlmEndpoint, status: u16, body: &str) -> Option<LlmFailureClass> {
    classify(
        endpoint,
        status,
        &HeaderMap::new(),
        &Said::read(body.as_bytes()),
    )
}

fn assert_classes(cases: &[(u16, &str, LlmFailureClass)]) {
    for (status, body, expected) in cases {
        let class = class(CHAT, *status, body);
        assert_eq!(class.as_ref(), Some(expected), "{status} {body}");
    }
}

const LIMITED: LlmFailureClass = LlmFailureClass::RateLimited { retry_after: None };

#[rustfmt::skip]
#[test]
fn refusals_of_openai() {
    use LlmFailureClass as F;
    assert_classes(&[
        (401, r#"{"error":{"message":"Incorrect API key provided: sk-ab***yz.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#, F::KeyRejected),
        (403, r#"{"error":{"message":"Country, region, or territory not supported","type":"request_forbidden","param":null,"code":"unsupported_country_region_territory"}}"#, F::KeyRejected),
        (403, r#"{"error":{"message":"Project `proj_1` does not have access to model `gpt-x`","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#, F::ModelUnknown),
        (404, r#"{"error":{"message":"The model `gpt-x` does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#, F::ModelUnknown),
        (404, r#"{"error":{"message":"Invalid URL (POST /chat/completions)","type":"invalid_request_error","param":null,"code":null}}"#, F::RequestRejected),
        (429, r#"{"error":{"message":"Rate limit reached for gpt-x on tokens per min (TPM): Limit 30000, Used 29000. Please try again in 2.5s.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}"#, LIMITED),
        (429, r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#, F::QuotaSpent),
        (429, r#"{"error":{"message":"Spend limit.","type":"insufficient_quota","param":null,"code":"project_spend_limit_exceeded"}}"#, F::QuotaSpent),
        (400, r#"{"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#, F::TooLong),
        (400, r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}"#, F::DialectUnsupported(DialectPart::TokenLimit)),
        (400, r#"{"error":{"message":"Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}"#, F::DialectUnsupported(DialectPart::Temperature)),
        (400, r#"{"error":{"message":"Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.","type":"invalid_request_error","param":null,"code":null}}"#, F::DialectUnsupported(DialectPart::Format)),
        (400, r#"{"error":{"message":"Invalid schema for response_format 'x': 'additionalProperties' is required.","type":"invalid_request_error","param":"response_format","code":null}}"#, F::DialectUnsupported(DialectPart::Format)),
        (400, r#"{"error":{"message":"max_tokens is too large: 99999. This model supports at most 16384 completion tokens.","type":"invalid_request_error","param":"max_tokens","code":"invalid_value"}}"#, F::RequestRejected),
        (500, r#"{"error":{"message":"The server had an error while processing your request.","type":"server_error","param":null,"code":null}}"#, F::Unavailable),
        (503, r#"{"error":{"message":"The engine is currently overloaded.","type":"service_unavailable_error","param":null,"code":"server_is_overloaded"}}"#, F::Unavailable),
    ]);
}

#[rustfmt::skip]
#[test]
fn refusals_of_azure() {
    use LlmFailureClass as F;
    assert_classes(&[
        (401, r#"{"statusCode":401,"message":"Access denied due to invalid subscription key or wrong API endpoint."}"#, F::KeyRejected),
        (404, r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}"#, F::ModelUnknown),
        (404, r#"{"error":{"code":"404","message": "Resource not found"}}"#, F::RequestRejected),
        (429, r#"{"error":{"code":"429","message":"Requests to the ChatCompletions_Create Operation have exceeded token rate limit. Please retry after 6 seconds."}}"#, LIMITED),
        (400, r#"{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#, F::Refused),
    ]);
}

#[rustfmt::skip]
#[test]
fn refusals_of_servers_that_one_runs_oneself() {
    use LlmFailureClass as F;
    assert_classes(&[
        // vLLM, in its older form and its newer.
        (404, r#"{"object":"error","message":"The model `m` does not exist.","type":"NotFoundError","param":null,"code":404}"#, F::ModelUnknown),
        (400, r#"{"object":"error","message":"This model's maximum context length is 16384 tokens. However, you requested 19591 tokens.","type":"BadRequestError","param":null,"code":400}"#, F::TooLong),
        (400, r#"{"object":"error","message":"max_tokens must be at least 1, got -186.","type":"BadRequestError","param":null,"code":400}"#, F::TooLong),
        (400, r#"{"error":{"message":"'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is 4096 tokens.","type":"BadRequestError","param":"max_tokens","code":400}}"#, F::TooLong),
        (400, r#"{"error":{"message":"The provided JSON schema contains features not supported by xgrammar.","type":"BadRequestError","param":null,"code":400}}"#, F::DialectUnsupported(DialectPart::Format)),
        (401, r#"{"error":"Unauthorized"}"#, F::KeyRejected),
        // Ollama.
        (404, r#"{"error":{"message":"model \"m\" not found, try pulling it first","type":"not_found_error","param":null,"code":null}}"#, F::ModelUnknown),
        (404, r#"{"error":"model 'm' not found"}"#, F::ModelUnknown),
        (404, "404 page not found", F::RequestRejected),
        // llama.cpp.
        (400, r#"{"error":{"code":400,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"invalid_request_error"}}"#, F::TooLong),
        (503, r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#, F::Unavailable),
        // FastAPI, as Mistral and others have it.
        (404, r#"{"detail":"Not Found"}"#, F::RequestRejected),
        (422, r#"{"detail":[{"type":"extra_forbidden","loc":["body","max_completion_tokens"],"msg":"Extra inputs are not permitted","input":700}]}"#, F::DialectUnsupported(DialectPart::TokenLimit)),
        (422, r#"{"detail":[{"type":"literal_error","loc":["body","response_format","type"],"msg":"Input should be 'text' or 'json_object'","input":"json_schema"}]}"#, F::DialectUnsupported(DialectPart::Format)),
        (422, r#"{"detail":[{"type":"missing","loc":["body","model"],"msg":"Field required","input":{}}]}"#, F::RequestRejected),
    ]);
}

#[rustfmt::skip]
#[test]
fn refusals_of_gateways() {
    use LlmFailureClass as F;
    assert_classes(&[
        // LiteLLM.
        (401, r#"{"error":{"message":"Authentication Error, Invalid proxy server token passed. Received API Key = sk-...8aSP","type":"token_not_found_in_db","param":"key","code":"401"}}"#, F::KeyRejected),
        (400, r#"{"error":{"message":"No connected db.","type":"no_db_connection","param":null,"code":"400"}}"#, F::KeyRejected),
        (400, r#"{"error":{"message":"/chat/completions: Invalid model name passed in model=m. Call `/v1/models` to view available models for your key.","type":"invalid_request_error","param":null,"code":"400"}}"#, F::ModelUnknown),
        (400, r#"{"error":{"message":"Budget has been exceeded! Current cost: 2, Max budget: 1","type":"budget_exceeded","param":null,"code":"400"}}"#, F::QuotaSpent),
        (400, r#"{"error":{"message":"litellm.UnsupportedParamsError: gpt-5 models don't support temperature=0. Only temperature=1 is supported.","type":"None","param":null,"code":"400"}}"#, F::DialectUnsupported(DialectPart::Temperature)),
        (400, r#"{"error":{"message":"litellm.ContextWindowExceededError: this is a mock error","type":null,"param":null,"code":"400"}}"#, F::TooLong),
        (429, r#"{"error":{"message":"litellm.RateLimitError: this is a mock rate limit error","type":"throttling_error","param":null,"code":"429"}}"#, LIMITED),
        // DeepSeek, OpenRouter and Groq.
        (402, r#"{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}"#, F::QuotaSpent),
        (400, r#"{"error":{"message":"m is not a valid model ID","code":400}}"#, F::ModelUnknown),
        (400, r#"{"error":{"message":"Failed to generate JSON. Please adjust your prompt.","type":"invalid_request_error","code":"json_validate_failed"}}"#, F::MalformedAnswer),
        (413, r#"{"error":{"message":"Request too large for model","type":"tokens","code":"rate_limit_exceeded"}}"#, F::TooLong),
        // Proxies.
        (400, "<html>Bad Request</html>", F::RequestRejected),
        (408, "", F::Unavailable),
        (409, "", F::RequestRejected),
        (502, "<html>Bad Gateway</html>", F::Unavailable),
        (529, "", F::Unavailable),
        (302, "", F::RedirectRefused),
        (101, "", F::RequestRejected),
    ]);
}

#[test]
fn what_is_no_refusal_has_no_class() {
    assert_eq!(class(CHAT, 200, "{}"), None);
    assert_eq!(class(LlmEndpoint::DeleteFile, 204, ""), None);
}

#[test]
fn a_server_may_lack_batches_and_not_completions() {
    let batches = LlmEndpoint::CreateBatch;
    for status in [404, 405, 501] {
        let expected = Some(LlmFailureClass::BatchUnsupported);
        assert_eq!(class(batches, status, ""), expected);
        assert_ne!(class(CHAT, status, ""), expected);
    }
    assert_eq!(class(batches, 401, ""), Some(LlmFailureClass::KeyRejected));
    let unset = r#"{"error":{"message":"files_settings is not set, set it on your config.yaml file.","type":"internal_server_error","param":null,"code":"500"}}"#;
    let expected = Some(LlmFailureClass::BatchUnsupported);
    assert_eq!(class(LlmEndpoint::UploadFile, 500, unset), expected);
    assert_eq!(
        class(batches, 500, "{}"),
        Some(LlmFailureClass::Unavailable)
    );
}

#[test]
fn a_limit_tells_how_long_and_a_spent_account_does_not() {
    let headers = HeaderMap::from_iter([(
        reqwest::header::RETRY_AFTER,
        reqwest::header::HeaderValue::from_static("7"),
    )]);
    let at = |body: &str| classify(CHAT, 429, &headers, &Said::read(body.as_bytes()));
    let retry_after = Some(Duration::from_secs(7));
    assert_eq!(at("{}"), Some(LlmFailureClass::RateLimited { retry_after }));
    let spent = at(r#"{"error":{"code":"insufficient_quota"}}"#);
    assert_eq!(spent, Some(LlmFailureClass::QuotaSpent));
}

#[test]
fn what_fastapi_repeats_of_the_request_is_not_kept() {
    let body = br#"{"detail":[{"type":"missing","loc":["body","x"],"msg":"Field required","input":{"data":"canary"}}]}"#;
    assert_eq!(Said::read(body).message(), r#"["body","x"] Field required"#);
}
