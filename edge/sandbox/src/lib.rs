//! The sandbox API: cells, merchants, customers and money for tests, a clock that can be moved, and faults on request.
//!
//! JSON over HTTP below `/sandbox/v1`; README.md lists the requests. It is never served in production: whoever reaches it can
//! open parties, make money and freeze people without a credential.

mod abroad;
mod balances;
mod cells;
mod clearing;
mod clock;
mod codebook;
mod credentials;
mod customers;
mod deliveries;
mod desk;
mod directory;
mod faults;
mod freezes;
mod freezing;
mod fx;
mod json;
mod merchants;
mod mirrors;
mod network;
mod offline_codes;
mod order_strings;
mod payment_books;
mod payments;
mod problem;
mod public_key;
mod sending;
mod settlement;
mod staff;
mod trial_balance;
mod windows;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use sycee_engine::World;
use sycee_engine::advance::Advancer;
use sycee_engine::deliveries::Deliveries;
use sycee_engine::order_strings::OrderStrings;
use sycee_engine::outbound::Outbound;

pub use credentials::{AppCredentials, CONTENT_KEY_BYTES};
use desk::Desk;
use problem::Problem;

/// The longest body of a request, bytes.
const BODY_MAX_BYTES: usize = 64 * 1024;

/// What the sandbox acts on.
pub struct Sandbox {
    /// The cells of this process, with the test clock and the faults.
    pub world: Arc<World>,
    /// What moves the clock.
    pub advancer: Arc<Advancer>,
    /// The key that signs every answer of the Alipay edges: base64 of SPKI DER (RFC 5280, section 4.1).
    pub gateway_public_key: String,
    /// What merchants were told, if somebody here tells them.
    pub deliveries: Option<Arc<dyn Deliveries>>,
    /// Who gives apps AES keys and certificates; without, asking for them is answered with 501.
    pub credentials: Option<Arc<dyn AppCredentials>>,
    /// Who reads the order strings that shops' apps hand to wallets; without, they are no codes.
    pub order_strings: Option<Arc<dyn OrderStrings>>,
}

impl Sandbox {
    /// A sandbox over these cells. An advance of the clock waits for what those who carry effects out have due.
    #[must_use]
    pub fn new(world: Arc<World>, outbound: Vec<Arc<dyn Outbound>>, gateway_public_key: String) -> Self {
        let advancer = Arc::new(Advancer::new(Arc::clone(&world), outbound));
        let (deliveries, credentials, order_strings) = (None, None, None);
        Self { world, advancer, gateway_public_key, deliveries, credentials, order_strings }
    }

    /// The same, whose clock others move too: one advance at a time, whoever asks.
    #[must_use]
    pub fn with_advancer(self, advancer: Arc<Advancer>) -> Self {
        Self { advancer, ..self }
    }

    /// The same, that shows what merchants were told.
    #[must_use]
    pub fn with_deliveries(self, deliveries: Arc<dyn Deliveries>) -> Self {
        Self { deliveries: Some(deliveries), ..self }
    }

    /// The same with AES keys and certificates for apps.
    #[must_use]
    pub fn with_credentials(self, credentials: Arc<dyn AppCredentials>) -> Self {
        Self { credentials: Some(credentials), ..self }
    }

    /// The same with order strings.
    #[must_use]
    pub fn with_order_strings(self, order_strings: Arc<dyn OrderStrings>) -> Self {
        Self { order_strings: Some(order_strings), ..self }
    }
}

/// The routes below `/sandbox/v1`.
pub fn router(sandbox: Arc<Sandbox>) -> Router {
    let api = Router::new()
        .route("/cells", get(cells::list))
        .route("/cells/{cell}/trial-balance", get(trial_balance::trial_balance))
        .route("/cells/{cell}/clearing", get(clearing::clearing))
        .route("/cells/{cell}/waiting", get(clearing::waiting))
        .route("/cells/{cell}/parked/{peer}/{sequence}/retry", post(clearing::retry))
        .route("/network/participants", get(network::participants).post(network::register))
        .route("/network/rates", get(network::rates).post(network::set_rates))
        .route("/network/windows", get(windows::list))
        .route("/network/windows/close", post(windows::close))
        .route("/network/windows/{window}/settle", post(windows::settle))
        .route("/merchants", post(merchants::open))
        .route("/merchants/{id}/payments", get(clearing::of_merchant))
        .route("/merchants/{id}/balances", get(balances::of_merchant))
        .route("/merchants/{id}/static-code", post(merchants::static_code))
        .route("/merchants/{id}/deliveries", get(deliveries::list))
        .route("/merchants/{id}/deliveries/{notify_id}/replay", post(deliveries::replay))
        .route("/merchants/{id}/trades/{trade_no}/notify", post(deliveries::tell_again))
        .route("/merchants/{id}/settlement", post(settlement::begin))
        .route("/merchants/{id}/freeze", post(freezes::freeze_merchant))
        .route("/merchants/{id}/unfreeze", post(freezes::unfreeze_merchant))
        .route("/partners", post(merchants::open_partner))
        .route("/staff", post(staff::open))
        .route("/customers", post(customers::open))
        .route("/customers/{id}", get(customers::show))
        .route("/customers/{id}/balances", get(balances::of_customer))
        .route("/customers/{id}/pay-code", post(payments::pay_code))
        .route("/customers/{id}/offline-codes", post(offline_codes::issue))
        .route("/customers/{id}/pay", post(payments::pay))
        .route("/customers/{id}/payments", get(clearing::of_customer))
        .route("/customers/{id}/send", post(sending::send))
        .route("/customers/{id}/request-money", post(sending::request_money))
        .route("/customers/{id}/answer-request", post(sending::answer_request))
        .route("/customers/{id}/freeze", post(freezes::freeze_customer))
        .route("/customers/{id}/unfreeze", post(freezes::unfreeze_customer))
        .route("/payments/{cell}/{payment}/books", get(payment_books::books))
        .route("/clock", get(clock::show))
        .route("/clock/advance", post(clock::advance))
        .route("/cells/{cell}/advance-funds", post(settlement::add_funds))
        .route("/faults", post(faults::set))
        .fallback(async || Problem::no_such_path())
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .with_state(Arc::new(Desk::new(sandbox)));
    Router::new().nest("/sandbox/v1", api)
}
