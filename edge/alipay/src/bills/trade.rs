//! The bill of type `trade`: payments and refunds, one by one and by store.

use std::collections::BTreeMap;

use sycee_acquiring::entry::{EntryKind, MerchantEntry};
use sycee_acquiring::record::Refund;
use sycee_acquiring::{Order, trade_no};

use super::csv::{Lines, field, number};
use super::{Bill, Heading};
use crate::methods::logon_id;

const COLUMNS: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,\
                       订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,\
                       券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";
const SUMMARY_COLUMNS: &str = "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,\
                               商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）";

/// What a store's rows, or all, add up to: minor units, refunds and fees below zero.
#[derive(Clone, Copy, Default)]
struct Sum {
    payments: u64,
    refunds: u64,
    paid_minor: i128,
    refunded_minor: i128,
    discount_minor: i128,
    fee_minor: i128,
}

impl Sum {
    fn add(&mut self, row: &Row) {
        match row.refund {
            None => (self.payments, self.paid_minor) = (self.payments + 1, self.paid_minor + row.amount_minor),
            Some(_) => (self.refunds, self.refunded_minor) = (self.refunds + 1, self.refunded_minor + row.amount_minor),
        }
        self.discount_minor += row.discount_minor;
        self.fee_minor += row.fee_minor;
    }

    fn line(&self, bill: &Bill<'_>, store: String) -> [String; 12] {
        let (zero, received) = (bill.money(0), self.paid_minor + self.refunded_minor);
        [
            store,
            String::new(),
            self.payments.to_string(),
            self.refunds.to_string(),
            bill.money(received),
            bill.money(received),
            bill.money(self.discount_minor),
            zero.clone(),
            zero.clone(),
            bill.money(self.fee_minor),
            zero,
            bill.money(received + self.fee_minor),
        ]
    }
}

/// A line: a payment, or a refund with amounts below zero.
struct Row {
    order: Order,
    refund: Option<Refund>,
    at_ns: u64,
    amount_minor: i128,
    discount_minor: i128,
    fee_minor: i128,
}

impl Row {
    /// The fee of a payment is taken from the merchant and stands below zero; what a refund returns of it, above.
    fn of(bill: &Bill<'_>, entry: &MerchantEntry) -> Result<Option<Self>, String> {
        let minor = i128::from(entry.money.amount.minor());
        let fee_minor = -entry.on_fees_owed_minor();
        match entry.kind {
            EntryKind::Payment => {
                let order = bill.order(entry.of)?;
                let discount = order.paid.as_ref().map_or(0, |paid| paid.discount().minor());
                let discount_minor = i128::from(discount);
                Ok(Some(Self {
                    order,
                    refund: None,
                    at_ns: entry.at_ns,
                    amount_minor: minor,
                    discount_minor,
                    fee_minor,
                }))
            }
            EntryKind::Refund => {
                let order = bill.order(entry.of)?;
                let refund: Refund = bill.row(&Refund::key(entry.of, entry.number.as_deref().unwrap_or_default()))?;
                let discount_minor = i128::from(refund.to_payer.minor()) - minor;
                let refund = Some(refund);
                Ok(Some(Self { order, refund, at_ns: entry.at_ns, amount_minor: -minor, discount_minor, fee_minor }))
            }
            EntryKind::Transfer
            | EntryKind::FeesTaken
            | EntryKind::FeesGivenBack
            | EntryKind::RoyaltyGiven
            | EntryKind::RoyaltyReceived
            | EntryKind::RoyaltyReturned
            | EntryKind::RoyaltyTakenBack
            | EntryKind::ReserveHeld
            | EntryKind::ReserveReleased
            | EntryKind::PaidOut
            | EntryKind::PayoutReturned
            | EntryKind::Advanced
            | EntryKind::AdvanceRecovered => Ok(None),
        }
    }

    fn line(&self, bill: &Bill<'_>) -> [String; 25] {
        let (order, zero) = (&self.order, bill.money(0));
        let optional = |text: Option<&str>| field(text.unwrap_or_default());
        let refund = self.refund.as_ref();
        [
            number(&trade_no(order, bill.cell.number)),
            number(&order.out_trade_no),
            String::from(if refund.is_some() { "退款" } else { "交易" }),
            field(&order.subject),
            bill.time.write(order.trade_created_at_ns.unwrap_or(order.created_at_ns)),
            bill.time.write(self.at_ns),
            self.store(),
            String::new(),
            optional(order.operator.as_deref()),
            optional(order.terminal.as_deref()),
            order.buyer.map(|buyer| field(&logon_id(bill.cell, &bill.read, buyer))).unwrap_or_default(),
            bill.money(self.amount_minor),
            bill.money(self.amount_minor),
            zero.clone(),
            zero.clone(),
            bill.money(self.discount_minor),
            zero.clone(),
            zero.clone(),
            String::new(),
            zero.clone(),
            zero.clone(),
            refund.map(|refund| number(&refund.out_request_no)).unwrap_or_default(),
            bill.money(self.fee_minor),
            zero,
            optional(refund.and_then(|refund| refund.reason.as_deref())),
        ]
    }

    /// The store by the merchant's name of it, or by ours.
    fn store(&self) -> String {
        self.order.store_reference.as_deref().map_or_else(|| self.order.store.to_string(), field)
    }
}

/// The two files, details and summary; `None` if there is no payment and no refund.
pub(super) fn files(bill: &Bill<'_>) -> Result<Option<[Vec<u8>; 2]>, String> {
    let mut details = Lines::default();
    bill.head(&mut details, &Heading { title: "业务明细查询", list: "业务明细列表", columns: COLUMNS });
    let (mut all, mut stores) = (Sum::default(), BTreeMap::<String, Sum>::new());
    bill.each(&mut |_, _, entry| {
        if let Some(row) = Row::of(bill, entry)? {
            all.add(&row);
            stores.entry(row.store()).or_default().add(&row);
            details.fields(&row.line(bill));
        }
        Ok(())
    })?;
    if stores.is_empty() {
        return Ok(None);
    }
    details.line("#-----------------------------------------业务明细列表结束------------------------------------");
    let totals = |count: u64, minor: i128| {
        format!("{count}笔，商家实收共{}元，商家优惠共{}元", bill.money(minor), bill.money(0))
    };
    details.line(&format!("#交易合计：{}", totals(all.payments, all.paid_minor)));
    details.line(&format!("#退款合计：{}", totals(all.refunds, all.refunded_minor)));
    bill.foot(&mut details);

    let mut summary = Lines::default();
    bill.head(&mut summary, &Heading { title: "业务汇总查询", list: "业务汇总列表", columns: SUMMARY_COLUMNS });
    for (store, sum) in stores {
        summary.fields(&sum.line(bill, store));
    }
    summary.fields(&all.line(bill, String::from("合计")));
    summary.line("#-----------------------------------------业务汇总列表结束------------------------------------");
    bill.foot(&mut summary);
    Ok(Some([details.into_gbk(), summary.into_gbk()]))
}
