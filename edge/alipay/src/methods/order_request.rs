//! The fields that every method which makes an order has in common.
//!
//! Read and checked: numbers, amounts, texts, times, currency, seller, buyer. `goods_detail` is checked for its form; it,
//! `extend_params` and the lists of channels change nothing here and are not kept.

use sycee_acquiring::command::OrderFields;
use sycee_acquiring::record::Store;
use sycee_money::{Money, MoneyError};

use super::Call;
use crate::codes::{SubCode, business};
use crate::state::unreadable;
use crate::timeout::TimeoutExpress;
use crate::timestamps::LocalDateTime;
use crate::wire::biz_content::FieldError;
use crate::wire::failure::Failure;

/// The most entries of `goods_detail` that are read.
const GOODS_MAX_ENTRIES: usize = 512;
/// Longest text of a field that names something of the merchant's: store, terminal, operator, product; in characters.
const NAME_MAX_CHARACTERS: usize = 64;
const NS_PER_SECOND: u64 = 1_000_000_000;

fn bad(error: FieldError) -> Failure {
    error.into_failure(business::INVALID_PARAMETER)
}

fn invalid(detail: &str) -> Failure {
    Failure::with_detail(business::INVALID_PARAMETER, detail)
}

impl Call<'_> {
    /// Reads an order.
    ///
    /// # Errors
    /// `ACQ.INVALID_PARAMETER` naming the field, or what is said of a currency or seller that does not fit.
    pub(super) fn order_fields(&self) -> Result<OrderFields, Failure> {
        let fields = self.fields();
        let text = |field, most| fields.optional_text(field, most).map(|text| text.map(String::from)).map_err(bad);
        for field in ["royalty_info", "settle_info"] {
            // Taken and ignored, the seller would bear what others were to get or give.
            if fields.has(field) {
                let detail = format!("sharing a payment ({field}) is not offered");
                return Err(Failure::with_detail(business::ACCESS_FORBIDDEN, &detail));
            }
        }
        self.check_currency("trans_currency", business::CURRENCY_NOT_SUPPORT)?;
        self.check_currency("settle_currency", business::CURRENCY_NOT_SUPPORT)?;
        let total = fields.amount("total_amount", self.cell.currency).map_err(bad)?;
        self.check_parts(total)?;
        self.check_seller()?;
        fields.objects("goods_detail", GOODS_MAX_ENTRIES).map_err(bad)?;
        let store_reference = text("store_id", NAME_MAX_CHARACTERS)?;
        let (expires_at_ns, expires_after_seconds) = self.expiry()?;
        Ok(OrderFields {
            app: Some(self.app),
            out_trade_no: fields.identifier("out_trade_no").map_err(bad)?.into_owned(),
            total,
            subject: fields.text("subject", 256).map_err(bad)?.into_owned(),
            body: text("body", 400)?,
            store: self.own_store(store_reference.as_deref())?,
            store_reference,
            terminal: text("terminal_id", NAME_MAX_CHARACTERS)?,
            operator: text("operator_id", NAME_MAX_CHARACTERS)?,
            passback_params: text("passback_params", 512)?,
            notify_url: self.request.notify_url.as_ref().map(|url| url.as_str().to_owned()),
            return_url: self.request.return_url.as_ref().map(|url| url.as_str().to_owned()),
            product_code: text("product_code", NAME_MAX_CHARACTERS)?,
            expires_at_ns,
            expires_after_seconds,
            required_buyer: self.named_buyer(business::INVALID_PARAMETER)?,
        })
    }

    /// Refuses a currency that is not the market's; none is the market's.
    ///
    /// # Errors
    /// `refused` when it is another.
    pub(super) fn check_currency(&self, field: &'static str, refused: SubCode) -> Result<(), Failure> {
        let ours = self.cell.currency.code();
        match self.fields().optional_text(field, 8).map_err(bad)? {
            Some(code) if code != ours => {
                Err(Failure::with_detail(refused, format!("{field} is not {ours}, the currency of this merchant")))
            }
            _ => Ok(()),
        }
    }

    /// The discountable and the other part of the price, if both are given, make it up; neither is above it.
    fn check_parts(&self, total: Money) -> Result<(), Failure> {
        let part = |field: &'static str| -> Result<Option<Money>, Failure> {
            let text = self.fields().optional_text(field, 32).map_err(bad)?;
            let money = text.map(|text| Money::parse_decimal(&text, total.currency)).transpose();
            money.map_err(|_: MoneyError| invalid(&format!("{field} is not an amount")))
        };
        let (discountable, other) = (part("discountable_amount")?, part("undiscountable_amount")?);
        let above = |part: Option<Money>| part.is_some_and(|part| part.amount > total.amount);
        let differs = match (discountable, other) {
            (Some(discountable), Some(other)) => discountable.checked_add(other).is_ok_and(|sum| sum != total),
            _ => false,
        };
        if above(discountable) || above(other) || differs {
            return Err(invalid("discountable_amount and undiscountable_amount do not make up total_amount"));
        }
        Ok(())
    }

    /// The seller is the application's merchant: there are no applications that act for others yet.
    fn check_seller(&self) -> Result<(), Failure> {
        match self.fields().optional_text("seller_id", NAME_MAX_CHARACTERS).map_err(bad)? {
            Some(seller) if seller != self.merchant.to_string() => {
                Err(Failure::with_detail(business::PARTNER_ERROR, "seller_id is not the application's merchant"))
            }
            _ => Ok(()),
        }
    }

    /// One of the merchant's stores here, if its own name of the store is our id of one.
    fn own_store(&self, reference: Option<&str>) -> Result<Option<u64>, Failure> {
        let is_number = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
        let Some(id) = reference.filter(is_number).and_then(|text| text.parse().ok()) else { return Ok(None) };
        let store = self.cell.port.get::<Store>(&Store::key(id)).map_err(unreadable)?;
        Ok(store.filter(|store| store.merchant == self.merchant).map(|store| store.id))
    }

    /// Until when, or for how long, the order can be paid: `time_expire` wins over `timeout_express`.
    fn expiry(&self) -> Result<(Option<u64>, Option<u64>), Failure> {
        if let Some(text) = self.fields().optional_text("time_expire", 32).map_err(bad)? {
            let instant = LocalDateTime::parse(&text).and_then(|local| self.time.instant_ns(local));
            return match instant {
                Some(instant_ns) => Ok((Some(instant_ns), None)),
                None => Err(invalid("time_expire is not of the form yyyy-MM-dd HH:mm:ss")),
            };
        }
        match self.timeout("timeout_express")? {
            None => Ok((None, None)),
            Some(TimeoutExpress::Minutes(minutes)) => Ok((None, Some(u64::from(minutes) * 60))),
            Some(TimeoutExpress::EndOfDay) => Ok((self.time.end_of_day_ns(self.now_ns), None)),
        }
    }

    /// For how many seconds a code lives, if the request says so.
    ///
    /// # Errors
    /// `ACQ.INVALID_PARAMETER`.
    pub(super) fn code_lifetime_seconds(&self) -> Result<Option<u64>, Failure> {
        Ok(match self.timeout("qr_code_timeout_express")? {
            None => None,
            Some(TimeoutExpress::Minutes(minutes)) => Some(u64::from(minutes) * 60),
            Some(TimeoutExpress::EndOfDay) => {
                let end_ns = self.time.end_of_day_ns(self.now_ns);
                end_ns.map(|end_ns| end_ns.saturating_sub(self.now_ns).div_ceil(NS_PER_SECOND).max(1))
            }
        })
    }

    fn timeout(&self, field: &'static str) -> Result<Option<TimeoutExpress>, Failure> {
        let Some(text) = self.fields().optional_text(field, 16).map_err(bad)? else { return Ok(None) };
        match TimeoutExpress::parse(&text) {
            Some(timeout) => Ok(Some(timeout)),
            None => Err(invalid(&format!("{field} is not 1m to 15d, or 1c"))),
        }
    }
}
