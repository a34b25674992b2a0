//! Money that a customer has frozen for the merchant (pre-authorisation): what its methods have in common.

use sycee_acquiring::authorisation::{
    Authorisation, AuthorisationIndex, AuthorisationOperation, AuthorisationOperationIndex, AuthorisationState,
    OperationKind,
};
use sycee_acquiring::command::FreezeFields;
use sycee_acquiring::parse_trade_no;
use sycee_engine::ReadPoint;
use sycee_money::{Amount, Money};
use sycee_party::{PARTY_FROZEN, Party};

use super::{Call, Unanswered, logon_id};
use crate::codes::{GatewayCode, business};
use crate::state::unreadable;
use crate::wire::biz_content::FieldError;
use crate::wire::failure::Failure;
use crate::wire::response::Node;

/// As the platform calls this product where the customer is in the shop.
pub(super) const PRODUCT_CODE: &str = "PRE_AUTH";
/// As the platform calls it where an app of the shop's asks.
pub(super) const PRODUCT_CODE_ONLINE: &str = "PRE_AUTH_ONLINE";

pub(super) fn bad(error: FieldError) -> Failure {
    error.into_failure(business::FUND_ILLEGAL_ARGUMENT)
}

pub(super) fn illegal(detail: &str) -> Failure {
    Failure::with_detail(business::FUND_ILLEGAL_ARGUMENT, detail)
}

/// An authorisation and one operation of it.
pub(super) struct Found {
    pub authorisation: Authorisation,
    pub operation: AuthorisationOperation,
}

impl Call<'_> {
    /// Reads what is to be frozen, as what product the platform calls it.
    ///
    /// # Errors
    /// `ILLEGAL_ARGUMENT` naming the field; `CURRENCY_VERIFICATION_FAIL`.
    pub(super) fn freeze_fields(&self, product_code: &str) -> Result<FreezeFields, Failure> {
        let fields = self.fields();
        if fields.optional_text("product_code", 64).map_err(bad)?.is_some_and(|text| text != product_code) {
            return Err(illegal(&format!("product_code is not {product_code}")));
        }
        let payee = fields.optional_text("payee_user_id", 64).map_err(bad)?;
        if payee.is_some_and(|payee| payee != self.merchant.to_string()) {
            return Err(illegal("payee_user_id is not the application's merchant"));
        }
        self.check_currency("trans_currency", business::FUND_CURRENCY_VERIFICATION_FAIL)?;
        Ok(FreezeFields {
            app: Some(self.app),
            out_order_no: fields.identifier("out_order_no").map_err(bad)?.into_owned(),
            out_request_no: fields.identifier("out_request_no").map_err(bad)?.into_owned(),
            title: fields.text("order_title", 256).map_err(bad)?.into_owned(),
            amount: fields.amount("amount", self.cell.currency).map_err(bad)?,
            notify_url: self.request.notify_url.as_ref().map(|url| url.as_str().to_owned()),
        })
    }

    /// The merchant's authorisation of this number of ours (`auth_no`).
    ///
    /// # Errors
    /// When the cell cannot be read.
    pub(super) fn authorisation_by_number(
        &self,
        read: &ReadPoint,
        number: &str,
    ) -> Result<Option<Authorisation>, Failure> {
        let Some((_, id)) = parse_trade_no(number).filter(|(cell, _)| *cell == self.cell.number) else {
            return Ok(None);
        };
        let found = read.get::<Authorisation>(&Authorisation::key(id)).map_err(unreadable)?;
        let cell = self.cell.number;
        Ok(found.filter(|found| found.merchant == self.merchant && found.number(cell) == number))
    }

    /// The authorisation that the request names by `auth_no` or `out_order_no` (ours wins), and its operation by `operation_id`
    /// or `out_request_no`.
    ///
    /// # Errors
    /// `ILLEGAL_ARGUMENT`, `AUTH_ORDER_NOT_EXIST`, `AUTH_OPERATION_NOT_EXIST`.
    pub(super) fn named_operation(&self) -> Result<Found, Failure> {
        let number = |field| self.fields().optional_identifier(field).map_err(bad);
        let read = self.cell.port.begin_read();
        let authorisation = match (number("auth_no")?, number("out_order_no")?) {
            (Some(ours), _) => self.authorisation_by_number(&read, &ours)?,
            (None, Some(theirs)) => {
                let key = AuthorisationIndex::key(self.merchant, &theirs);
                match read.get::<AuthorisationIndex>(&key).map_err(unreadable)? {
                    Some(AuthorisationIndex { authorisation }) => {
                        read.get::<Authorisation>(&Authorisation::key(authorisation)).map_err(unreadable)?
                    }
                    None => None,
                }
            }
            (None, None) => return Err(illegal("auth_no or out_order_no is needed")),
        };
        let authorisation = authorisation.ok_or(Failure::new(business::FUND_AUTH_ORDER_NOT_EXIST))?;
        let unknown = || Failure::new(business::FUND_AUTH_OPERATION_NOT_EXIST);
        let ours = number("operation_id")?;
        let id = match (&ours, number("out_request_no")?) {
            (Some(ours), _) => parse_trade_no(ours).map(|(_, id)| id),
            (None, Some(theirs)) => {
                let key = AuthorisationOperationIndex::key(self.merchant, &theirs);
                read.get::<AuthorisationOperationIndex>(&key).map_err(unreadable)?.map(|index| index.operation)
            }
            (None, None) => return Err(illegal("operation_id or out_request_no is needed")),
        };
        let key = AuthorisationOperation::key(id.ok_or_else(unknown)?);
        let operation = read.get::<AuthorisationOperation>(&key).map_err(unreadable)?;
        let is_its = |operation: &AuthorisationOperation| {
            operation.authorisation == authorisation.id
                && ours.as_ref().is_none_or(|ours| operation.number(self.cell.number) == *ours)
        };
        let operation = operation.filter(is_its).ok_or_else(unknown)?;
        Ok(Found { authorisation, operation })
    }

    /// An authorisation and an operation, as every answer begins.
    pub(super) fn with_authorisation(&self, found: &Found) -> Node {
        let Found { authorisation, operation } = found;
        let cell = self.cell.number;
        Node::with_outcome(GatewayCode::Success)
            .with("auth_no", authorisation.number(cell))
            .with("out_order_no", authorisation.out_order_no.clone())
            .with("operation_id", operation.number(cell))
            .with("out_request_no", operation.out_request_no.clone())
    }

    /// Adds what was done, how much of it, when, and of whom.
    pub(super) fn with_operation(&self, node: Node, found: &Found) -> Node {
        let Found { authorisation, operation } = found;
        let done_at_ns = match operation.kind {
            OperationKind::Freeze => authorisation.authorised_at_ns,
            OperationKind::Unfreeze => Some(operation.at_ns),
        };
        let node = node
            .with("amount", self.decimal(authorisation, operation.amount))
            .with("trans_currency", authorisation.amount.currency.code())
            .with("status", self.operation_status(found))
            .with_optional("gmt_trans", done_at_ns.map(|at_ns| self.time.write(at_ns)));
        let Some(customer) = authorisation.customer else { return node };
        let read = self.cell.port.begin_read();
        node.with("payer_user_id", customer.to_string()).with("payer_logon_id", logon_id(self.cell, &read, customer))
    }

    /// An amount of an authorisation as the wire writes it.
    pub(super) fn decimal(&self, authorisation: &Authorisation, amount: Amount) -> String {
        Money::new(amount, authorisation.amount.currency).to_decimal_two()
    }

    /// How an operation stands. One that froze money has succeeded, whatever became of the money later.
    fn operation_status(&self, found: &Found) -> &'static str {
        let Found { authorisation, operation } = found;
        let waits = authorisation.state_at(self.now_ns) == AuthorisationState::CodeIssued;
        match operation.kind {
            OperationKind::Unfreeze => "SUCCESS",
            OperationKind::Freeze if authorisation.authorised_at_ns.is_some() => "SUCCESS",
            OperationKind::Freeze if waits => "INIT",
            OperationKind::Freeze => "CLOSED",
        }
    }

    /// Which of the two is frozen, the engine says only to the operator; the merchant may know of itself.
    pub(super) fn freeze_failure(&self, method: &str, unanswered: Unanswered) -> Failure {
        if let Unanswered::Refused(refusal) = &unanswered
            && refusal.code == PARTY_FROZEN
            && let Ok(Some(merchant)) = self.cell.port.get::<Party>(&Party::key(self.merchant))
            && merchant.frozen
        {
            return Failure::new(business::FUND_PAYEE_USER_STATUS_LIMIT);
        }
        unanswered.into_failure(method)
    }
}
