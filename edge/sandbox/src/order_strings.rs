//! What a shop's app hands to the customer's wallet: a signed text, paid or frozen as if its code had been scanned, and a result that
//! the wallet hands back.

use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use sycee_engine::CellHandle;
use sycee_engine::order_strings::{AppResult, Asked};

use crate::codebook::Target;
use crate::desk::Desk;
use crate::json;
use crate::payments::{PayBody, Paying, PaymentJson, amount_of};
use crate::problem::Problem;

/// What the wallet hands back to the shop's app, as the shop's protocol spells it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct AppResultJson {
    #[serde(rename = "resultStatus")]
    status: String,
    memo: String,
    result: String,
}

impl From<AppResult> for AppResultJson {
    fn from(told: AppResult) -> Self {
        Self { status: told.status, memo: told.memo, result: told.result }
    }
}

/// Shows what an order string asks for; with `confirm` it is paid, or the money frozen, and whatever came of it has a result for the
/// shop's app.
///
/// # Errors
/// Those of paying an order; `order_string_refused` when the text is none of a shop's.
pub(crate) async fn pay(
    desk: &Desk,
    (cell, customer): (&CellHandle, u64),
    headers: &HeaderMap,
    text: &str,
    body: &PayBody,
) -> Result<Response, Problem> {
    let Some(strings) = &desk.sandbox.order_strings else { return Err(Problem::no_such_path()) };
    let Asked { cell: place, id } = strings.open(text).await.map_err(|told| {
        let title = "The shop's order string cannot be used; nothing moved.";
        let status = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
        let detail = "app_result says why, as the shop's app reads it";
        Problem::new(status, "order_string_refused", title, detail).with_app_result(told.into())
    })?;
    let (amount, confirm) = (amount_of(body)?, body.confirm == Some(true));
    let paying = Paying { desk, cell, customer, headers };
    let paid = paying.pay(Target::Order { cell: place, id }, None, amount, confirm).await;
    if !confirm {
        return Ok(json::ok(&paid?));
    }
    let is_under_way = paid.as_ref().is_ok_and(|payment| payment.status == "processing");
    let told: AppResultJson = strings.tell(text, customer, is_under_way).await.into();
    match paid {
        Ok(payment) => Ok(json::ok(&PaymentJson { app_result: Some(told), ..payment })),
        Err(problem) => Err(problem.with_app_result(told)),
    }
}
