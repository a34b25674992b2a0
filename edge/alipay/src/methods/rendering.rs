//! How orders look in answers and notifications.

use sycee_acquiring::{Order, TradeStatus};
use sycee_interop::account::TRANSIT;
use sycee_interop::quote::{Quote, Terms, customer_rate};
use sycee_interop::record::{Incoming, OrderPayment};
use sycee_money::{Amount, Money, Rate};

use super::{Call, logon_id};
use crate::state::unreadable;
use crate::wire::response::Node;

/// How the balance of a wallet is called as a source of money.
const FUND_CHANNEL_BALANCE: &str = "ALIPAYACCOUNT";
/// How what others pay of a price is called as a source of money.
const FUND_CHANNEL_DISCOUNT: &str = "DISCOUNT";

/// A status of a trade on the wire; `None` where there is no trade.
pub(crate) const fn trade_status_name(status: TradeStatus) -> Option<&'static str> {
    match status {
        TradeStatus::NotExist => None,
        TradeStatus::WaitBuyerPay => Some("WAIT_BUYER_PAY"),
        TradeStatus::Success => Some("TRADE_SUCCESS"),
        TradeStatus::Finished => Some("TRADE_FINISHED"),
        TradeStatus::Closed => Some("TRADE_CLOSED"),
    }
}

/// The amounts of an order as decimal text; all but the total are zero until it is paid.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Amounts {
    /// The price.
    pub total: String,
    /// What the merchant receives.
    pub receipt: String,
    /// What the buyer paid: also what an invoice is made out for.
    pub buyer_pay: String,
    /// Nothing is paid in points.
    pub point: String,
}

impl Amounts {
    /// Of an order.
    pub(crate) fn of(order: &Order) -> Self {
        let text = |amount: Amount| Money::new(amount, order.total.currency).to_decimal_two();
        let payer = order.paid.as_ref().map_or(Amount::ZERO, |paid| paid.payer_amount);
        let receipt = if order.paid.is_some() { order.total.amount } else { Amount::ZERO };
        Self { total: order.total.to_decimal_two(), receipt: text(receipt), buyer_pay: text(payer), point: zero() }
    }
}

/// No money, as failures of `alipay.trade.pay` and points write it.
pub(super) fn zero() -> String {
    String::from("0.00")
}

/// Where the money of a paid order came from: pairs of channel and amount, for `fund_bill_list`.
pub(crate) fn fund_bills(order: &Order) -> Vec<(&'static str, String)> {
    let text = |amount: Amount| Money::new(amount, order.total.currency).to_decimal_two();
    let Some(paid) = &order.paid else { return Vec::new() };
    let balance = (FUND_CHANNEL_BALANCE, text(paid.payer_amount));
    let discounts = paid.discounts.iter().map(|part| (FUND_CHANNEL_DISCOUNT, text(part.amount)));
    std::iter::once(balance).chain(discounts).collect()
}

impl Call<'_> {
    /// Whether `query_options` asks for this.
    pub(super) fn asks_for(&self, option: &str) -> bool {
        self.fields().texts("query_options").any(|asked| asked == option)
    }

    /// Adds what a merchant sees of the buyer, if there is one.
    pub(super) fn with_buyer(&self, node: Node, order: &Order) -> Node {
        let Some(buyer) = order.buyer else { return node };
        let read = self.cell.port.begin_read();
        node.with("buyer_user_id", buyer.to_string()).with("buyer_logon_id", logon_id(self.cell, &read, buyer))
    }

    /// Adds the amounts of an order, and its currency in each of its roles: order and settlement are in one, and so is the payment
    /// unless it came from another cell. What the network takes is the payer's affair: the merchant receives the price.
    pub(super) fn with_amounts(&self, node: Node, order: &Order) -> Node {
        let amounts = Amounts::of(order);
        let code = order.total.currency.code();
        let node = node
            .with("total_amount", amounts.total)
            .with("receipt_amount", amounts.receipt.clone())
            .with("buyer_pay_amount", amounts.buyer_pay.clone())
            .with("invoice_amount", amounts.buyer_pay.clone())
            .with("point_amount", amounts.point)
            .with("trans_currency", code);
        if order.paid.is_none() {
            return node;
        }
        let node = node.with("settle_currency", code).with("settle_amount", amounts.receipt);
        let Some(quote) = self.paid_from_abroad(order) else {
            return node.with("pay_currency", code).with("pay_amount", amounts.buyer_pay);
        };
        let terms = Terms { rate: quote.rate, margin_bps: quote.margin_bps, fee_bps: 0 };
        let rate = customer_rate(terms).ok().and_then(Rate::to_decimal);
        node.with("settle_trans_rate", "1")
            .with("pay_currency", quote.split.total.currency.code())
            .with("pay_amount", quote.split.total.to_decimal_two())
            .with_optional("trans_pay_rate", rate)
    }

    /// What the payer was quoted, if the order was paid from another cell.
    fn paid_from_abroad(&self, order: &Order) -> Option<Quote> {
        order.paid.as_ref().filter(|paid| paid.funding_account.kind() == TRANSIT.number)?;
        let payment = self.cell.port.get::<OrderPayment>(&OrderPayment::key(order.id));
        let name = payment.map_err(|error| unreadable(&error)).ok()??.name;
        let incoming =
            self.cell.port.get::<Incoming>(&Incoming::key(name)).map_err(|error| unreadable(&error)).ok()??;
        Some(incoming.quote)
    }

    /// Adds the lists that are only given when asked for.
    pub(super) fn with_lists(&self, node: Node, order: &Order) -> Node {
        let mut node = node;
        if self.asks_for("fund_bill_list") && order.paid.is_some() {
            let bills: Vec<Node> = fund_bills(order)
                .into_iter()
                .map(|(channel, amount)| Node::new().with("fund_channel", channel).with("amount", amount))
                .collect();
            node = node.with("fund_bill_list", bills);
        }
        let discounts = order.paid.as_ref().map(|paid| paid.discounts.as_slice()).unwrap_or_default();
        if self.asks_for("voucher_detail_list") && !discounts.is_empty() {
            let vouchers: Vec<Node> = discounts
                .iter()
                .enumerate()
                .map(|(at, part)| {
                    Node::new()
                        .with("id", format!("{}{at:02}", order.id))
                        .with("name", part.label.clone())
                        .with("type", "ALIPAY_COMMON_ITEM_VOUCHER")
                        .with("amount", Money::new(part.amount, order.total.currency).to_decimal_two())
                })
                .collect();
            node = node.with("voucher_detail_list", vouchers);
        }
        node
    }

    /// The trade number of an order of this cell.
    pub(super) fn trade_no(&self, order: &Order) -> String {
        sycee_acquiring::trade_no(order, self.cell.number)
    }
}
