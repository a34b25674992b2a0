//! Order strings (`alipay.trade.app.pay`, `alipay.fund.auth.order.app.freeze`): signed by the shop's server as any request is, handed
//! by its app to the customer's wallet, and brought here by the wallet.
//!
//! What the wallet hands back has a status of four digits and, when something was done or refused, a node as the gateway would
//! have answered, with its signature. Source: Alipay Open Platform, "App payment: synchronous result".
//!
//! | status | when |
//! |---|---|
//! | 9000 | this customer has paid, or their money is frozen |
//! | 8000 | it is under way, the shop asks later |
//! | 4000 | it cannot be done: the node says why |
//! | 6001 | the customer was asked and nothing came of it; there is no node |

use std::sync::Arc;

use sycee_engine::order_strings::{AppResult, Asked, Opening, OrderStrings};
use tracing::error;

use crate::codes::gateway;
use crate::gateway::{Proven, certificate_serial, proven};
use crate::methods::{Call, Handler, Told, handler};
use crate::signature::SIGN_TYPE;
use crate::state::Alipay;
use crate::wire::failure::Failure;
use crate::wire::parameters::Parameters;
use crate::wire::request::UnverifiedRequest;
use crate::wire::response::{Node, ResponseKey, signed_body};

/// Longest order string that is read, in bytes.
pub const ORDER_STRING_MAX_BYTES: usize = 16 * 1024;

const PAID: &str = "9000";
const UNDER_WAY: &str = "8000";
const FAILED: &str = "4000";
const NOTHING_CAME_OF_IT: &str = "6001";

/// The edge as wallets see it.
pub struct OfWallets(pub Arc<Alipay>);

/// What is wanted of an order string.
#[derive(Clone, Copy)]
enum Wanted {
    /// That it is opened.
    Opened,
    /// How it stands for this customer.
    Told { customer: u64, is_under_way: bool },
}

enum Done {
    Opened(Asked),
    Told(AppResult),
}

impl OrderStrings for OfWallets {
    fn is_one(&self, text: &str) -> bool {
        let has = |name: &str| text.split('&').any(|pair| pair.starts_with(name));
        has("app_id=") && has("method=") && has("sign=")
    }

    fn open<'s>(&'s self, text: &'s str) -> Opening<'s, Result<Asked, AppResult>> {
        Box::pin(async move {
            match self.done(text, Wanted::Opened).await {
                Done::Opened(asked) => Ok(asked),
                Done::Told(result) => Err(result),
            }
        })
    }

    fn tell<'s>(&'s self, text: &'s str, customer: u64, is_under_way: bool) -> Opening<'s, AppResult> {
        Box::pin(async move {
            match self.done(text, Wanted::Told { customer, is_under_way }).await {
                Done::Told(result) => result,
                // Only what is asked for is given.
                Done::Opened(_) => told(UNDER_WAY, String::new()),
            }
        })
    }
}

impl OfWallets {
    async fn done(&self, text: &str, wanted: Wanted) -> Done {
        let parameters = match Parameters::parse(text.get(..ORDER_STRING_MAX_BYTES).unwrap_or(text).as_bytes(), b"") {
            Ok(_) if text.len() > ORDER_STRING_MAX_BYTES => Err(too_long()),
            Ok(parameters) => Ok(parameters),
            Err(error) => Err(Failure::from(error)),
        };
        match parameters {
            Err(failure) => Done::Told(self.failed(&Parameters::default(), &failure)),
            Ok(parameters) => {
                let done = self.carry_out(&parameters, wanted).await;
                done.unwrap_or_else(|failure| Done::Told(self.failed(&parameters, &failure)))
            }
        }
    }

    async fn carry_out(&self, parameters: &Parameters, wanted: Wanted) -> Result<Done, Failure> {
        let alipay: &Alipay = &self.0;
        let unverified = UnverifiedRequest::decode(parameters)?;
        let application = alipay.application(unverified.app_id())?;
        let Proven { mut request, clear, .. } = proven(alipay, &application, unverified)?;
        request.biz_content = clear.as_deref().or(request.biz_content);
        let Handler::OrderString { open, tell } = handler(request.method)? else {
            return Err(Failure::with_detail(gateway::INVALID_METHOD, "this method is no wallet's affair"));
        };
        let call = Call::new(alipay, &application, &request)?;
        let Wanted::Told { customer, is_under_way } = wanted else {
            let id = open(&call).await?;
            return Ok(Done::Opened(Asked { cell: call.cell.number, id }));
        };
        let result = match tell(&call, customer)? {
            Told::Done(node) => told(PAID, self.signed(parameters, &call.with_common_fields(node))),
            Told::Refused(failure) => self.failed(parameters, &failure),
            Told::Waits if is_under_way => told(UNDER_WAY, String::new()),
            Told::Waits => told(NOTHING_CAME_OF_IT, String::new()),
        };
        Ok(Done::Told(result))
    }

    fn failed(&self, parameters: &Parameters, failure: &Failure) -> AppResult {
        let unsure = failure.sub_code.name == gateway::UNKNOWN_ERROR.name;
        let status = if unsure { UNDER_WAY } else { FAILED };
        told(status, self.signed(parameters, &Node::with_failure(failure)))
    }

    /// The node with its signature, as the gateway answers, and the type of the signature.
    fn signed(&self, parameters: &Parameters, node: &Node) -> String {
        let key = ResponseKey::for_failed_request(parameters);
        let node = node.clone().for_charset(parameters.charset());
        match signed_body(&key, &node, certificate_serial(&self.0, parameters), &self.0.gateway_key) {
            Ok(body) => format!("{},\"sign_type\":\"{SIGN_TYPE}\"}}", body.strip_suffix('}').unwrap_or(&body)),
            Err(error) => {
                // Nothing may be sent unsigned.
                error!("a result for a shop's app is left out: {error}");
                String::new()
            }
        }
    }
}

fn too_long() -> Failure {
    Failure::with_detail(gateway::INVALID_PARAMETER, format!("the order string exceeds {ORDER_STRING_MAX_BYTES} bytes"))
}

fn told(status: &str, result: String) -> AppResult {
    let memo = match status {
        PAID => "done",
        UNDER_WAY => "under way, ask later",
        NOTHING_CAME_OF_IT => "not done: the customer has not paid",
        _ => "failed, nothing was taken",
    };
    AppResult { status: status.to_owned(), memo: memo.to_owned(), result }
}
