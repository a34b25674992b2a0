//! Webhooks: each endpoint follows its cell's stream of events from its own durable place, and is posted each event that its party
//! may see, in order, until it answers 2xx. Only then its place moves on, so after any kill it is told again what it may not
//! have heard: at least once, and in order. An endpoint that does not answer waits for itself alone.

mod endpoint;
mod following;
mod signing;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use sycee_courier::{Courier, Network, Reach};
use sycee_engine::vault::{VaultError, WebhookEndpoint};
use sycee_engine::{CellHandle, EventCursor, World};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;

use crate::auth::Identity;
use crate::events::Selection;
use crate::problem::Problem;

pub(crate) use endpoint::{Endpoint, Standing};
pub use signing::WebhookSecret;

/// The most endpoints that a party may have.
pub(crate) const ENDPOINTS_MAX: usize = 10;
/// Posts at once to endpoints that took the last one.
const PROMPT_POSTS: usize = 256;
/// Posts at once to endpoints that did not: they hold up one another at most, and nobody else.
const FAILING_POSTS: usize = 64;
/// How long an endpoint that did not take an event is left alone, at first; each time twice as long.
const RETRY_FIRST: Duration = Duration::from_secs(1);
/// How often connections that have nothing to do are closed.
const TIDY: Duration = Duration::from_secs(1);
/// The longest that it is left alone. It is never given up: what it missed waits in the journal.
const RETRY_MOST: Duration = Duration::from_secs(600);

/// All endpoints of a server.
pub struct Webhooks {
    world: Arc<World>,
    courier: Courier,
    endpoints: RwLock<HashMap<String, Arc<Endpoint>>>,
    /// One was added: somebody has to follow for it.
    added: Notify,
    prompt: Semaphore,
    failing: Semaphore,
    retry: (Duration, Duration),
}

impl Webhooks {
    /// The endpoints that the cells' vaults have. In production they are called on the public internet and on these networks only;
    /// in a sandbox anywhere.
    ///
    /// # Errors
    /// One line: a vault does not open, or a party of an endpoint could not be read.
    pub fn new(world: Arc<World>, networks: Vec<Network>) -> Result<Self, String> {
        let reach = if world.sandbox { Reach::Everywhere } else { Reach::Public(networks) };
        let mut endpoints = HashMap::new();
        for cell in &world.cells {
            for (kept, cursor) in cell.vault.webhooks().map_err(|error| format!("webhooks: {error}"))? {
                let identity = Identity::of(cell, kept.party).map_err(|why| format!("webhooks: {}", why.detail))?;
                let Some(identity) = identity else { continue };
                // A type that this binary does not know any more is left out; with no other left, the endpoint gets nothing.
                let types = kept.types.iter().map(String::as_str);
                let selection = Selection::new(&world.products, identity.caller, "types", types);
                let Ok(selection) = selection else {
                    tracing::error!(
                        endpoint = kept.id,
                        "a webhook names a type of event that there is not: it gets nothing"
                    );
                    continue;
                };
                let endpoint = Endpoint::new(kept, Arc::clone(cell), selection, cursor);
                endpoints.insert(endpoint.kept.id.clone(), Arc::new(endpoint));
            }
        }
        Ok(Self {
            world,
            courier: Courier::new(reach),
            endpoints: RwLock::new(endpoints),
            added: Notify::new(),
            prompt: Semaphore::new(PROMPT_POSTS),
            failing: Semaphore::new(FAILING_POSTS),
            retry: (RETRY_FIRST, RETRY_MOST),
        })
    }

    /// The same with other waiting times: after the first failure, and the longest.
    #[must_use]
    pub fn with_retry(self, first: Duration, most: Duration) -> Self {
        Self { retry: (first, most), ..self }
    }

    /// Tells all endpoints, for as long as it is polled.
    pub async fn run(self: Arc<Self>) {
        let mut followers = JoinSet::new();
        loop {
            let added = self.added.notified();
            tokio::pin!(added);
            // Listening begins before the look, so that one that is added in between is not missed.
            added.as_mut().enable();
            let unfollowed: Vec<Arc<Endpoint>> =
                self.read().values().filter(|endpoint| endpoint.take_following()).cloned().collect();
            for endpoint in unfollowed {
                followers.spawn(following::follow(Arc::clone(&self), endpoint));
            }
            while followers.try_join_next().is_some() {}
            if tokio::time::timeout(TIDY, added).await.is_err() {
                self.courier.close_idle();
            }
        }
    }

    /// Registers an endpoint that is told what happens behind `cursor`.
    pub(crate) fn add(
        &self,
        kept: WebhookEndpoint,
        cell: &Arc<CellHandle>,
        selection: Selection,
        cursor: EventCursor,
    ) -> Result<Added, VaultError> {
        // Checked and added under one lock, so that two requests at once do not both take the last place.
        let mut endpoints = self.write();
        let count = endpoints.values().filter(|endpoint| endpoint.kept.party == kept.party).count();
        if count >= ENDPOINTS_MAX {
            return Ok(Added::TooMany);
        }
        cell.vault.put_webhook(&kept, cursor)?;
        let endpoint = Arc::new(Endpoint::new(kept, Arc::clone(cell), selection, cursor));
        endpoints.insert(endpoint.kept.id.clone(), Arc::clone(&endpoint));
        drop(endpoints);
        self.added.notify_one();
        Ok(Added::Now(endpoint))
    }

    /// The endpoints of a party, the first registered first.
    pub(crate) fn of(&self, party: u64) -> Vec<Arc<Endpoint>> {
        let mut found: Vec<_> = self.read().values().filter(|endpoint| endpoint.kept.party == party).cloned().collect();
        found.sort_by(|a, b| (a.kept.created_at_ns, &a.kept.id).cmp(&(b.kept.created_at_ns, &b.kept.id)));
        found
    }

    /// An endpoint of a party.
    pub(crate) fn one(&self, party: u64, id: &str) -> Option<Arc<Endpoint>> {
        self.read().get(id).filter(|endpoint| endpoint.kept.party == party).cloned()
    }

    /// Forgets an endpoint; it is told nothing from then on, but for what is on its way.
    pub(crate) fn remove(&self, endpoint: &Endpoint) -> Result<(), VaultError> {
        self.write().remove(&endpoint.kept.id);
        endpoint.delete();
        endpoint.cell.vault.remove_webhook(&endpoint.kept.id)
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<String, Arc<Endpoint>>> {
        self.endpoints.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<String, Arc<Endpoint>>> {
        self.endpoints.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What adding an endpoint came to.
pub(crate) enum Added {
    Now(Arc<Endpoint>),
    TooMany,
}

/// An address that an endpoint may have.
pub(crate) fn check_url(world: &World, url: &str) -> Result<(), Problem> {
    /// The longest address, bytes.
    const URL_MAX_BYTES: usize = 1_024;
    let is_tls = sycee_courier::is_address(url).filter(|_| url.len() <= URL_MAX_BYTES && !url.contains('#'));
    match is_tls {
        None => Err(Problem::bad_field(
            "url",
            "is an http or https address of at most 1024 bytes, without user and fragment",
        )),
        Some(false) if !world.sandbox => Err(Problem::bad_field("url", "is an https address, outside a sandbox")),
        Some(_) => Ok(()),
    }
}
