//! The OpenAPI 3.1 document: the table of operations joined with the products' registry.

use std::collections::{BTreeMap, BTreeSet};

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use sycee_contract::{EventDescriptor, EventField, EventFieldKind, Products, RefusalClass, Role};
use sycee_party::StaffRole;

use crate::desk::role_name;
use crate::events::type_name;
use crate::operations::{Method, Operation, all};
use crate::problem::{OWN, ProblemDocument, advice, refusal_status};

const DESCRIPTION: &str = "Sycee's own API. Amounts are minor units as strings of digits; ids are strings; times are RFC 3339; \
unknown fields are refused; a body has at most 64 KiB. Every error is a problem document (RFC 9457) with a stable code, a \
sentence that says where the money is, and what to do.";

/// Schemas of what is read and of what is written: what may be left out and what may be null differs.
struct Schemas {
    read: SchemaGenerator,
    written: SchemaGenerator,
}

impl Schemas {
    fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self { read: settings.clone().into_generator(), written: settings.for_serialize().into_generator() }
    }

    /// All definitions. A type that is both read and written has the schema of what is read: what is written fits it, too.
    fn definitions(&mut self) -> Map<String, Value> {
        let mut definitions = self.written.take_definitions(true);
        definitions.values_mut().for_each(left_out_is_not_null);
        definitions.extend(self.read.take_definitions(true));
        definitions
    }
}

/// What is written may be left out where it is not required; then it is never null.
fn left_out_is_not_null(schema: &mut Value) {
    let required: BTreeSet<String> = match schema.get("required").and_then(Value::as_array) {
        Some(names) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        None => BTreeSet::new(),
    };
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (_, property) in properties.iter_mut().filter(|(name, _)| !required.contains(*name)) {
            not_null(property);
        }
    }
    for alternative in schema.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten() {
        left_out_is_not_null(alternative);
    }
}

/// The same schema without null.
fn not_null(schema: &mut Value) {
    if let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema["type"] = only;
        }
    }
    let Some(alternatives) = schema.get_mut("anyOf").and_then(Value::as_array_mut) else { return };
    alternatives.retain(|alternative| alternative["type"] != "null");
    if let [Value::Object(only)] = alternatives.as_slice() {
        let only = only.clone();
        if let Some(members) = schema.as_object_mut() {
            members.remove("anyOf");
            members.extend(only);
        }
    }
}
/// The headers of a webhook.
const WEBHOOK_HEADERS: [(&str, &str); 3] = [
    ("webhook-id", "The event's id: the same however often it is posted."),
    ("webhook-timestamp", "When this attempt was made, Unix seconds."),
    ("webhook-signature", "v1, a comma, and the base64 HMAC-SHA256 of id, timestamp and body with full stops between."),
];

/// The document.
pub(crate) fn document(products: &Products) -> Value {
    let mut schemas = Schemas::new();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in all() {
        let method = match operation.method {
            Method::Get => "get",
            Method::Post => "post",
            Method::Delete => "delete",
        };
        let described = describe(operation, products, &mut schemas);
        paths.entry(operation.path).or_default().insert(method.to_owned(), described);
    }
    let problem = schemas.written.subschema_for::<ProblemDocument<'_>>();
    let mut definitions = schemas.definitions();
    let codes: BTreeSet<&str> =
        OWN.iter().map(|(code, _, _)| *code).chain(refusals(products, None).map(|(_, refusal)| refusal.name)).collect();
    if let Some(name) = definitions.get_mut("Event").and_then(|event| event.pointer_mut("/properties/type")) {
        let names: Vec<String> = products.events().map(|event| type_name(products, event)).collect();
        *name =
            json!({"type": "string", "description": "What has happened. New types may be added.", "examples": names});
    }
    // Which codes there are is in the registry, not in the type.
    if let Some(code) = definitions.get_mut("Problem").and_then(|problem| problem.pointer_mut("/properties/code")) {
        *code = json!({"type": "string", "description": "The stable code.", "enum": codes});
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Sycee API", "version": "1", "description": DESCRIPTION, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": crate::BASE_PATH}],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "responses": {"Problem": {
                "description": "Why the request was not done.",
                "content": {"application/problem+json": {"schema": problem}},
            }},
            "securitySchemes": {
                "session": {
                    "type": "apiKey", "in": "cookie", "name": "sycee_session",
                    "description": "A browser's session, set by POST /sessions with cookie: true. A request that may change \
    something must come from a page of this server (Sec-Fetch-Site: same-origin, or Origin).",
                },
                "bearer": {"type": "http", "scheme": "bearer", "description": "A party's token."},
                "signature": {
                    "type": "apiKey", "in": "header", "name": "Signature",
                    "description": "An HTTP message signature (RFC 9421) with a key of the party: ed25519 or hmac-sha256.",
                },
            },
        },
        "security": [{"bearer": []}, {"signature": []}, {"session": []}],
        "webhooks": {"event": {"post": {
            "operationId": "webhook_event",
            "summary": "What a webhook is posted, signed as Standard Webhooks 1.0.0 has it; any answer 2xx takes it.",
            "parameters": WEBHOOK_HEADERS.map(|(name, meaning)| json!({
                "name": name, "in": "header", "required": true, "description": meaning, "schema": {"type": "string"},
            })),
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Event"}}}},
            "responses": {"2XX": {"description": "Taken."}},
        }}},
        "x-problems": problems(products),
        "x-events": events(products),
    })
}

/// The refusals of one product, or of all, with the product's name.
fn refusals(
    products: &Products,
    only: Option<u8>,
) -> impl Iterator<Item = (&'static str, &'static sycee_contract::RefusalDescriptor)> {
    let descriptors = products.iter().map(|product| product.descriptor());
    let wanted = descriptors.filter(move |descriptor| only.is_none_or(|number| number == descriptor.number));
    wanted.flat_map(|descriptor| descriptor.refusals.iter().map(|refusal| (descriptor.name, refusal)))
}

fn describe(operation: &Operation, products: &Products, schemas: &mut Schemas) -> Value {
    let mut roles: Vec<&str> = operation.roles(products).iter().map(|role| role_name(*role)).collect();
    if operation.anybodys.is_some() {
        roles.push("anybody");
    }
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": roles,
        "x-roles": roles,
        "responses": responses(operation, products, schemas),
    });
    if operation.anybodys.is_some() {
        described["security"] = json!([]);
    }
    let parameters = parameters(operation, products, schemas);
    if !parameters.is_empty() {
        described["parameters"] = parameters.into();
    }
    if let Some(schema) = operation.request {
        let schema = schema(&mut schemas.read);
        described["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": schema}}});
    }
    if operation.is_for_tests {
        described["x-sandbox-only"] = true.into();
    }
    if operation.roles(products).contains(&Role::Operator) {
        let staff = STAFF.into_iter().filter(|role| operation.is_for_staff(*role));
        described["x-staff-roles"] = staff.map(staff_name).collect::<BTreeSet<_>>().into_iter().collect();
    }
    if let Some((product, command)) = operation.command.and_then(|code| products.command(code)) {
        described["x-command"] = format!("{}.{}", product.descriptor().name, command.name).into();
        if !command.fingerprint.is_empty() {
            // What makes a repeat under the same key the same request.
            described["x-fingerprint"] = command.fingerprint.iter().map(|(_, name)| *name).collect();
        }
    }
    if let Some((product, command)) = operation.proposes.and_then(|code| products.command(code)) {
        described["x-proposes"] = format!("{}.{}", product.descriptor().name, command.name).into();
    }
    described
}

/// The form and the meaning of a part of a path, by its name.
fn in_path(name: &str) -> Value {
    let (pattern, description) = match name {
        "party" | "customer" | "merchant" => ("^2088[0-9]{12}$", "A party's number."),
        "trade_no" => ("^[0-9]{28}$", "Our number of the order."),
        "authorisation_no" => ("^[0-9]{28}$", "Our number of the authorisation."),
        "out_trade_no" => ("^[ -~]{1,64}$", "The merchant's number of the order."),
        "out_request_no" => ("^[ -~]{1,64}$", "The merchant's number of the request."),
        "out_order_no" => ("^[ -~]{1,64}$", "The merchant's number of the authorisation."),
        "out_biz_no" => ("^[ -~]{1,64}$", "The merchant's number of the transfer."),
        "app" => ("^[0-9]{16}$", "An app's id."),
        "peer" | "cell" => ("^[0-9]{1,2}$", "The number of another cell."),
        "key" => ("^k[0-9a-f]{22}$", "A key's id."),
        "request" | "proposal" | "quote" | "payment" | "window" | "sequence" => ("^[0-9]{1,20}$", "An id."),
        _ => ("^.{1,200}$", "A name."),
    };
    json!({
        "name": name, "in": "path", "required": true, "description": description,
        "schema": {"type": "string", "pattern": pattern},
    })
}

/// The parameters of a query, from the schema of the object that they make.
fn in_query(schema: &Value) -> Vec<Value> {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let parameter = |(name, mut schema): (String, Value)| {
        not_null(&mut schema);
        let description = schema.as_object_mut().and_then(|members| members.remove("description"));
        // A parameter that is left out has its default; null cannot be written.
        if let Some(members) = schema.as_object_mut().filter(|members| members.get("default") == Some(&Value::Null)) {
            members.remove("default");
        }
        let is_required = required.iter().any(|known| known == &name);
        json!({"name": name, "in": "query", "required": is_required, "description": description, "schema": schema})
    };
    properties.into_iter().map(parameter).collect()
}

fn parameters(operation: &Operation, products: &Products, schemas: &mut Schemas) -> Vec<Value> {
    let names = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = names.map(in_path).collect();
    if let Some(query) = operation.query {
        parameters.extend(in_query(query(&mut schemas.read).as_value()));
    }
    if operation.is_stream {
        parameters.push(json!({
            "name": "Last-Event-ID", "in": "header", "schema": {"type": "string"},
            "description": "The id of the last event that was read: the stream goes on behind it.",
        }));
    }
    if operation.needs_key(products) {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": true,
            "description": "1 to 128 visible ASCII characters, new for each new request. A repeat gets the stored reply.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 128},
        }));
    }
    parameters
}

fn responses(operation: &Operation, products: &Products, schemas: &mut Schemas) -> Value {
    let mut fine = json!({"description": "Done."});
    if let Some(schema) = operation.reply {
        let media = if operation.is_stream { "text/event-stream" } else { "application/json" };
        fine["content"] = json!({media: {"schema": schema(&mut schemas.written)}});
        if operation.is_stream {
            fine["description"] = "Server-sent events; the data of each is one of these, as JSON on one line.".into();
        }
    }
    if operation.csv {
        fine["content"]["text/csv"] = json!({"schema": {
            "type": "string",
            "description": "The whole list (RFC 4180): a line of names, then a line for each item; amounts in major units.",
        }});
    }
    if operation.needs_key(products) {
        fine["headers"] = json!({"Idempotent-Replayed": {
            "description": "true if this is the stored reply of an earlier request under the same key.",
            "schema": {"type": "string", "enum": ["true"]},
        }});
    }
    // Own problems can be met everywhere, refusals where a command is asked: those of its product, of the cell, and of the guards.
    let mut by_status: BTreeMap<u16, BTreeSet<&str>> = BTreeMap::new();
    for (code, status, _) in OWN {
        let fits = match *code {
            "idempotency_key_missing" => operation.needs_key(products),
            "too_many_exports" => operation.csv,
            "path_not_found" | "method_not_allowed" => false,
            "sign_in_failed" => ["sign_in", "change_pin", "prove"].contains(&operation.id),
            "sign_in_later" => ["sign_in", "change_pin", "prove", "sign_up"].contains(&operation.id),
            "passkey_refused" => ["add_passkey", "sign_in_by_passkey", "prove"].contains(&operation.id),
            "proof_needed" => operation.needs_proof,
            "code_wrong" => operation.id == "confirm_sign_up",
            "not_authenticated" | "caller_unfit" => operation.anybodys.is_none(),
            _ => true,
        };
        if fits {
            by_status.entry(*status).or_default().insert(code);
        }
    }
    let commands =
        operation.command.iter().chain(operation.also).chain(&operation.proposes).chain(&operation.refuses_as);
    let of_commands: BTreeSet<u8> = commands.map(|command| command.to_be_bytes()[0]).collect();
    if !of_commands.is_empty() {
        let numbers = of_commands.into_iter().chain([0, sycee_party::NUMBER]).collect::<BTreeSet<u8>>();
        for (_, refusal) in numbers.into_iter().flat_map(|number| refusals(products, Some(number))) {
            let status = refusal_status(refusal.code, refusal.class).as_u16();
            by_status.entry(status).or_default().insert(refusal.name);
        }
    }
    let mut responses = Map::from_iter([("200".to_owned(), fine)]);
    for (status, codes) in by_status {
        let problem = json!({"$ref": "#/components/responses/Problem", "x-codes": codes});
        responses.insert(status.to_string(), problem);
    }
    responses.into()
}

/// Every problem there is, of the API's own and of every product.
fn problems(products: &Products) -> Vec<Value> {
    let own = OWN.iter().map(|(code, status, meaning)| json!({"code": code, "status": status, "meaning": meaning}));
    let of_products = refusals(products, None).map(|(product, refusal)| {
        json!({
            "code": refusal.name,
            "product": product,
            "number": refusal.code,
            "status": refusal_status(refusal.code, refusal.class).as_u16(),
            "class": class_name(refusal.class),
            "meaning": refusal.meaning,
            "what_to_do": advice(refusal.class).1,
        })
    });
    own.chain(of_products).collect()
}

/// Every type of event, with its fields.
fn events(products: &Products) -> Vec<Value> {
    let field = |field: &EventField| {
        json!({
            "name": field.name,
            "schema": field_schema(field.kind),
            "optional": field.optional,
            "meaning": field.meaning,
        })
    };
    let event = |event: &EventDescriptor| {
        let fields: Vec<Value> = event.fields.iter().map(field).collect();
        json!({"type": type_name(products, event), "meaning": event.meaning, "fields": fields})
    };
    products.events().map(event).collect()
}

fn field_schema(kind: EventFieldKind) -> Value {
    match kind {
        EventFieldKind::Party | EventFieldKind::Id => json!({"$ref": "#/components/schemas/Id"}),
        EventFieldKind::Money => json!({"$ref": "#/components/schemas/Money"}),
        EventFieldKind::Time => json!({"$ref": "#/components/schemas/Instant"}),
        EventFieldKind::Word | EventFieldKind::Number => json!({"type": "string"}),
    }
}

const fn class_name(class: RefusalClass) -> &'static str {
    match class {
        RefusalClass::CallersFault => "callers_fault",
        RefusalClass::TryAgain => "try_again",
        RefusalClass::NeedsUser => "needs_user",
        RefusalClass::Forbidden => "forbidden",
    }
}

/// All roles of staff.
const STAFF: [StaffRole; 4] = [StaffRole::Cashier, StaffRole::Support, StaffRole::Finance, StaffRole::Admin];

/// How the API names a role of staff.
pub(crate) const fn staff_name(role: StaffRole) -> &'static str {
    match role {
        StaffRole::Cashier => "cashier",
        StaffRole::Support => "support",
        StaffRole::Finance => "finance",
        StaffRole::Admin => "admin",
    }
}
