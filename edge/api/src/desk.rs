//! What all operations share: the world, what is remembered of cells and keys, and how one request is run.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Query, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use minicbor::{Decode, Encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sycee_contract::{Caller, Command, CommandCode, Key, MarketRole, Record, Role, decode};
use sycee_engine::advance::Advancer;
use sycee_engine::allowance::Buckets;
use sycee_engine::certificates::CertifiesApps;
use sycee_engine::deliveries::Deliveries;
use sycee_engine::{CellHandle, World};
use sycee_party::{MemberRole, Party, StaffRole};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use crate::abroad;
use crate::auth::keys::Keys;
use crate::auth::passkeys::Passkeys;
use crate::auth::sign_up::SignUps;
use crate::auth::{Identity, authenticate};
use crate::codebook::Codebook;
use crate::events::Streams;
use crate::limits::{Limits, Policy};
use crate::operations::Operation;
use crate::problem::Problem;
use crate::request_log::{Arrived, RequestLog};
use crate::webhooks::Webhooks;
use crate::{Api, wire};

/// The header under which a client chooses the key of a request.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The state of the API.
pub(crate) struct Desk {
    pub world: Arc<World>,
    pub codebook: Codebook,
    pub keys: Keys,
    /// How many lists are exported at once.
    pub exports: Arc<Semaphore>,
    pub streams: Streams,
    /// How often open streams show that they are alive.
    pub heartbeat: Duration,
    /// Says when the server stops: open streams end then.
    pub stop: Option<watch::Receiver<bool>>,
    /// What merchants were told, if somebody here tells them.
    pub deliveries: Option<Arc<dyn Deliveries>>,
    /// The RSA public key with which the Alipay edge signs, if there is one: base64 of SPKI DER.
    pub alipay_public_key: Option<String>,
    /// Who makes certificates for merchants' apps, if somebody does.
    pub certificates: Option<Arc<dyn CertifiesApps>>,
    /// What moves the clock of a sandbox.
    pub advancer: Option<Arc<Advancer>>,
    /// Where parties want to be told of events, if somebody here tells them.
    pub webhooks: Option<Arc<Webhooks>>,
    /// The newest requests of each party.
    pub requests: RequestLog,
    /// People who wait for a code.
    pub sign_ups: SignUps,
    /// People who are about to show a passkey.
    pub passkeys: Passkeys,
    /// How often is looked for the reason why a signature is not good.
    pub diagnoses: Limits,
    limits: Limits,
    /// How often each customer looks for others by their numbers.
    pub lookups: Buckets,
}

/// How many lists may be exported at once: each reads its tables as fast as its reader takes it.
const EXPORTS_MAX: usize = 8;

/// A request that was read and whose caller may ask it.
pub(crate) struct Asked {
    pub desk: Arc<Desk>,
    /// The caller's cell.
    pub cell: Arc<CellHandle>,
    pub caller: Caller,
    /// The key, if the operation's command takes one.
    pub key: Option<String>,
    pub body: Bytes,
    /// What a member of staff may do.
    pub staff_role: Option<StaffRole>,
    /// What one of a merchant's people may do, if it is one who asks for it.
    pub member_role: Option<MemberRole>,
    /// The id of the token with which it was asked, if it was.
    pub token: Option<String>,
    /// When the person whose session this is last proved who they are.
    pub proved_at_ns: Option<u64>,
    /// The operation's name.
    pub operation: &'static str,
    /// Whether the list is wanted as CSV.
    pub wants_csv: bool,
    pub headers: HeaderMap,
    uri: Uri,
    path: Vec<(String, String)>,
}

/// A request of somebody who is not known yet.
pub(crate) struct Stranger {
    pub desk: Arc<Desk>,
    pub headers: HeaderMap,
    body: Bytes,
}

impl Stranger {
    /// The body, of this type.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        wire::read(&self.body)
    }
}

impl Desk {
    pub fn new(api: Api) -> Self {
        let Api { world, stop, heartbeat, deliveries, advancer, webhooks, alipay_public_key, certificates } = api;
        let codebook = Codebook::new(world.cells.len());
        let exports = Arc::new(Semaphore::new(EXPORTS_MAX));
        let (keys, streams, requests) = (Keys::default(), Streams::default(), RequestLog::new());
        let passkeys = Passkeys::new(&world.base_url);
        let (limits, diagnoses, sign_ups) = (Limits::default(), Limits::default(), SignUps::default());
        Self {
            world,
            codebook,
            keys,
            exports,
            streams,
            heartbeat,
            stop,
            requests,
            sign_ups,
            passkeys,
            diagnoses,
            limits,
            deliveries,
            advancer,
            webhooks,
            alipay_public_key,
            certificates,
            lookups: Buckets::default(),
        }
    }

    /// Runs one request of an operation, and keeps in the request log what came of it.
    pub async fn run(self: Arc<Self>, operation: &'static Operation, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let arrived = Arrived::new(&parts, self.world.clock.now_ns());
        let mut party = None;
        let response = Arc::clone(&self).answer(operation, parts, body, &mut party).await;
        self.requests.note(arrived, operation, party, &response);
        response
    }

    /// Answers; notes in `party` who asked, as soon as that is known.
    async fn answer(
        self: Arc<Self>,
        operation: &'static Operation,
        mut parts: Parts,
        body: Body,
        party: &mut Option<u64>,
    ) -> Response {
        let body = match axum::body::to_bytes(body, crate::BODY_MAX_BYTES).await {
            Ok(body) => body,
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                let is_long = error.source().is_some_and(|why| why.to_string().contains("length limit"));
                let problem = Problem::unreadable("the body did not arrive whole");
                return if is_long { Problem::too_large() } else { problem }.into_response();
            }
        };
        if let Some(handler) = operation.anybodys {
            let stranger = Stranger { desk: self, headers: parts.headers, body };
            return handler(stranger).await.unwrap_or_else(Problem::into_response);
        }
        let identity = match authenticate(&self, &parts, &body) {
            Ok(identity) => identity,
            Err(problem) => return problem.into_response(),
        };
        *party = Some(identity.caller.party);
        let taken = self.limits.take(identity.caller.party, Policy::of(identity.caller.role));
        let mut response = if taken.allowed {
            match self.asked(operation, identity, &mut parts, body).await {
                Ok(asked) => (operation.handler)(asked).await.unwrap_or_else(Problem::into_response),
                Err(problem) => problem.into_response(),
            }
        } else {
            Problem::too_many_requests(taken.seconds).into_response()
        };
        taken.tell(response.headers_mut());
        response
    }

    async fn asked(
        self: Arc<Self>,
        operation: &Operation,
        identity: Identity,
        parts: &mut Parts,
        body: Bytes,
    ) -> Result<Asked, Problem> {
        may_ask(&self.world, operation, &identity)?;
        let key = if operation.needs_key(&self.world.products) { Some(key(&parts.headers)?) } else { None };
        let mut path = Vec::new();
        if operation.path.contains('{') {
            let params = RawPathParams::from_request_parts(parts, &()).await;
            let params = params.map_err(|_| Problem::unreadable("the path is not UTF-8"))?;
            path.extend(params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        let (operation, wants_csv) = (operation.id, operation.csv && accepts_csv(&parts.headers));
        let (headers, uri) = (std::mem::take(&mut parts.headers), parts.uri.clone());
        let Identity { cell, caller, staff_role, member_role, token, proved_at_ns, .. } = identity;
        let desk = self;
        Ok(Asked {
            desk,
            cell,
            caller,
            key,
            body,
            staff_role,
            member_role,
            token,
            proved_at_ns,
            operation,
            wants_csv,
            headers,
            uri,
            path,
        })
    }
}

/// Whether the caller's role, and among staff the person's, allows the operation.
fn may_ask(world: &World, operation: &Operation, identity: &Identity) -> Result<(), Problem> {
    let role = identity.caller.role;
    if !operation.roles(&world.products).contains(&role) {
        return Err(Problem::caller_unfit(format!("{} is not for {}s", operation.id, role_name(role))));
    }
    if identity.member_role.is_some_and(|member| !operation.is_for_member(member)) {
        return Err(Problem::caller_unfit(format!("{} is not for this role at the shop", operation.id)));
    }
    if role != Role::Operator || operation.is_for_all_staff() {
        return Ok(());
    }
    // Guards look at requests only; what staff asks beside them, and what it reads, is not for somebody who is frozen.
    if identity.cell.port.get::<Party>(&Party::key(identity.caller.party))?.is_none_or(|party| party.frozen) {
        return Err(Problem::caller_unfit("this member of staff is frozen"));
    }
    if identity.staff_role.is_some_and(|staff| operation.is_for_staff(staff)) {
        return Ok(());
    }
    Err(Problem::caller_unfit(format!("{} is not for this role of staff", operation.id)))
}

/// Whether the request names CSV among what it takes.
fn accepts_csv(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut types = accepted.flat_map(|text| text.split(',')).filter_map(|text| text.split(';').next());
    types.any(|name| name.trim().eq_ignore_ascii_case("text/csv"))
}

/// How the API names a role.
pub(crate) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Operator => "operator",
        Role::Merchant => "merchant",
        Role::Customer => "customer",
        Role::System => "system",
        Role::Peer => "peer",
    }
}

/// The key in the header.
fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let value = headers.get(IDEMPOTENCY_KEY).ok_or_else(Problem::no_key)?;
    match value.to_str() {
        Ok(key) if (1..=Command::MAX_ID_LENGTH).contains(&key.len()) => Ok(key.to_owned()),
        _ => Err(Problem::bad_field("Idempotency-Key", "has 1 to 128 visible ASCII characters")),
    }
}

impl Asked {
    /// The person, or the party itself if it acts for itself: whose sessions, PIN and passkeys are meant.
    pub fn person(&self) -> u64 {
        self.caller.agent.unwrap_or(self.caller.party)
    }

    /// The body, of this type.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        wire::read(&self.body)
    }

    /// The parameters of the query, of this type.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let read = Query::<T>::try_from_uri(&self.uri);
        read.map(|Query(query)| query).map_err(|error| Problem::unreadable(format!("the query: {}", error.body_text())))
    }

    /// A part of the path by its name in the table.
    pub fn path(&self, name: &str) -> &str {
        self.path.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// A part of the path that is an id of digits.
    pub fn id(&self, name: &'static str) -> Result<u64, Problem> {
        wire::digits(self.path(name)).ok_or_else(|| Problem::not_found(format!("{name} is an id of digits")))
    }

    /// A part of the path that is a party's number.
    pub fn party(&self, name: &'static str) -> Result<u64, Problem> {
        wire::party_number(self.path(name))
            .ok_or_else(|| Problem::not_found(format!("{name} has 16 digits, 2088 first")))
    }

    /// Asks a command: the encoded reply, and whether it was answered before under the same key.
    pub async fn ask<B: Encode<()>>(&self, code: CommandCode, body: &B) -> Result<(Vec<u8>, bool), Problem> {
        let mut command = Command::new(code, self.caller, body);
        command.id = self.key.clone();
        let reply = self.cell.port.ask(command).await?;
        match reply.outcome {
            Ok(bytes) => Ok((bytes, reply.repeated)),
            Err(refusal) => Err(Problem::refusal(&self.desk.world.products, refusal)),
        }
    }

    /// The same with the reply decoded.
    pub async fn reply<B: Encode<()>, R: for<'b> Decode<'b, ()>>(
        &self,
        code: CommandCode,
        body: &B,
    ) -> Result<(R, bool), Problem> {
        let (bytes, replayed) = self.ask(code, body).await?;
        Ok((decode(&bytes, "reply")?, replayed))
    }

    /// Waits until `look` finds in a row what it looks for; `None` if that takes longer than a request may wait for other cells.
    pub async fn wait<R: Record, T>(
        &self,
        key: &Key,
        look: impl FnMut(Option<R>) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        match timeout(abroad::WAIT, self.cell.port.until(key, look)).await {
            Ok(found) => Ok(Some(found?)),
            Err(_) => Ok(None),
        }
    }

    /// That the caller's cell does `role` in its market.
    pub fn cell_does(&self, role: MarketRole) -> Result<(), Problem> {
        if self.cell.market()?.roles.contains(&role) {
            return Ok(());
        }
        Err(Problem::caller_unfit("the caller's cell does not do this in its market"))
    }
}

/// An answer with status 200.
pub(crate) fn ok<T: Serialize>(value: &T) -> Result<Response, Problem> {
    let body = serde_json::to_vec(value).map_err(|error| Problem::internal("an answer has no JSON form", &error))?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response())
}

/// The same, with a header if it was answered before under the same key.
pub(crate) fn answer<T: Serialize>(value: &T, replayed: bool) -> Result<Response, Problem> {
    let mut response = ok(value)?;
    if replayed {
        response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Runs what waits for a disk off the threads that serve requests.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal("a task ended early", &error))
}
