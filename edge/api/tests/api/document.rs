//! The OpenAPI document: complete, and the tracked copy fresh.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::world::TestWorld;

const TRACKED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

#[test]
fn every_command_that_a_person_may_ask_has_an_operation_or_a_reason() {
    assert_eq!(sycee_api::uncovered_commands(&sycee_registry::products()), Vec::<String>::new());
}

#[test]
fn without_a_product_the_reasons_for_its_commands_are_noticed() {
    let list = sycee_registry::list().into_iter().filter(|product| product.descriptor().name != "books").collect();
    let findings = sycee_api::uncovered_commands(&sycee_contract::Products::new(list).map_err(str::to_owned).unwrap());
    // One for each command of the books that has no operation.
    assert_eq!(findings.len(), 4, "{findings:?}");
}

#[test]
fn the_tracked_document_is_fresh() {
    let document = sycee_api::openapi_document(&sycee_registry::products());
    if std::env::var_os("SYCEE_UPDATE").is_some() {
        std::fs::write(TRACKED, &document).unwrap();
    }
    let tracked = std::fs::read_to_string(TRACKED).unwrap_or_default();
    assert!(
        tracked == document,
        "docs/openapi.json is stale; renew it: SYCEE_UPDATE=1 cargo test -p sycee-api --test api"
    );
}

#[test]
fn the_document_has_every_refusal_and_every_reference_leads_somewhere() {
    let products = sycee_registry::products();
    let document: Value = serde_json::from_str(&sycee_api::openapi_document(&products)).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let codes: BTreeSet<&str> = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    for product in products.iter() {
        for refusal in product.descriptor().refusals {
            assert!(codes.contains(refusal.name), "{}", refusal.name);
        }
    }
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 100, "{}", references.len());
    for reference in references {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{path}");
            assert!(!operation["summary"].as_str().unwrap().is_empty(), "{path}");
            assert!(!operation["x-roles"].as_array().unwrap().is_empty(), "{path}");
            assert!(operation["responses"]["200"]["content"].is_object(), "{method} {path}");
            let keyed = operation["x-fingerprint"].is_array();
            let header = operation["parameters"].to_string().contains("Idempotency-Key");
            assert_eq!(keyed, header, "{method} {path}");
        }
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| collect(member, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}

#[tokio::test]
async fn the_document_is_served_to_everybody() {
    let world = TestWorld::start().await;
    let answer = world.request("GET", "/openapi.json", "", "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json,
        serde_json::from_str::<Value>(&sycee_api::openapi_document(&world.world.products)).unwrap()
    );
}
