//! The bill of type `signcustomer`: whatever moved the merchant's balance, with the balance after it.

use std::collections::BTreeMap;

use sycee_acquiring::entry::{EntryKind, MerchantEntry};
use sycee_acquiring::payout::Payout;
use sycee_acquiring::record::{MerchantTransfer, MerchantTransferIndex};
use sycee_acquiring::royalty::{Royalty, RoyaltyIndex};
use sycee_acquiring::{trade_no, transfer_no};

use super::csv::{Lines, field, number};
use super::{Bill, Heading};
use crate::methods::logon_id;

const COLUMNS: &str = "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,\
                       业务类型,备注";
const SUMMARY_COLUMNS: &str = "业务类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）";
const CHANNEL: &str = "支付宝";

/// Income and expense, minor units; expense below zero.
#[derive(Clone, Copy, Default)]
struct Sum {
    incomes: u64,
    income_minor: i128,
    expenses: u64,
    expense_minor: i128,
}

impl Sum {
    fn add(&mut self, minor: i128) {
        if minor < 0 {
            (self.expenses, self.expense_minor) = (self.expenses + 1, self.expense_minor + minor);
        } else {
            (self.incomes, self.income_minor) = (self.incomes + 1, self.income_minor + minor);
        }
    }

    fn line(&self, bill: &Bill<'_>, name: &str) -> [String; 6] {
        [
            name.to_owned(),
            self.incomes.to_string(),
            bill.money(self.income_minor),
            self.expenses.to_string(),
            bill.money(self.expense_minor),
            bill.money(self.income_minor + self.expense_minor),
        ]
    }
}

const fn name(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Payment => "在线支付",
        EntryKind::Refund => "交易退款",
        EntryKind::Transfer => "转账",
        EntryKind::FeesTaken => "收费",
        EntryKind::FeesGivenBack => "退费",
        EntryKind::RoyaltyGiven | EntryKind::RoyaltyReceived => "分账",
        EntryKind::RoyaltyReturned | EntryKind::RoyaltyTakenBack => "退分账",
        EntryKind::ReserveHeld => "保证金扣除",
        EntryKind::ReserveReleased => "保证金退还",
        EntryKind::PaidOut => "提现",
        EntryKind::PayoutReturned => "提现退票",
        EntryKind::Advanced => "垫付",
        EntryKind::AdvanceRecovered => "垫付归还",
    }
}

/// What an entry is about: our number, the merchant's, what it is for, and the other side.
#[derive(Default)]
struct About {
    ours: String,
    theirs: String,
    title: String,
    other: String,
    remark: String,
}

fn about(bill: &Bill<'_>, entry: &MerchantEntry) -> Result<About, String> {
    let masked = |party: u64| logon_id(bill.cell, &bill.read, party);
    match entry.kind {
        EntryKind::Payment | EntryKind::Refund | EntryKind::Advanced => {
            let order = bill.order(entry.of)?;
            Ok(About {
                ours: trade_no(&order, bill.cell.number),
                other: order.buyer.map(masked).unwrap_or_default(),
                theirs: order.out_trade_no,
                title: order.subject,
                remark: entry.number.clone().unwrap_or_default(),
            })
        }
        EntryKind::Transfer => {
            let index: MerchantTransferIndex = bill.row(&MerchantTransferIndex::key(entry.of))?;
            let transfer: MerchantTransfer = bill.row(&MerchantTransfer::key(index.merchant, &index.out_biz_no))?;
            Ok(About {
                ours: transfer_no(&transfer, bill.cell.number),
                other: masked(transfer.payee),
                theirs: transfer.out_biz_no,
                title: transfer.title.unwrap_or_default(),
                remark: String::new(),
            })
        }
        EntryKind::RoyaltyGiven | EntryKind::RoyaltyReceived => {
            let index: RoyaltyIndex = bill.row(&RoyaltyIndex::key(entry.of))?;
            let royalty: Royalty = bill.row(&Royalty::key(index.merchant, &index.out_request_no))?;
            let is_given = royalty.merchant == bill.merchant;
            Ok(About {
                ours: royalty.number(bill.cell.number),
                // The other merchant's number is its own affair.
                theirs: if is_given { royalty.out_request_no } else { String::new() },
                other: if is_given { String::new() } else { masked(royalty.merchant) },
                ..About::default()
            })
        }
        EntryKind::RoyaltyReturned | EntryKind::RoyaltyTakenBack => {
            let order = bill.order(entry.of)?;
            let is_own = order.merchant == bill.merchant;
            Ok(About {
                ours: trade_no(&order, bill.cell.number),
                other: if is_own { String::new() } else { masked(order.merchant) },
                theirs: if is_own { order.out_trade_no } else { String::new() },
                remark: if is_own { entry.number.clone().unwrap_or_default() } else { String::new() },
                ..About::default()
            })
        }
        EntryKind::PaidOut | EntryKind::PayoutReturned => {
            let payout: Payout = bill.row(&Payout::key(entry.of))?;
            let remark = payout.reason.clone().unwrap_or_default();
            Ok(About { ours: payout.number(bill.cell.number), remark, ..About::default() })
        }
        EntryKind::FeesTaken
        | EntryKind::FeesGivenBack
        | EntryKind::ReserveHeld
        | EntryKind::ReserveReleased
        | EntryKind::AdvanceRecovered => Ok(About::default()),
    }
}

/// The two files, details and summary; `None` if the balance did not move.
pub(super) fn files(bill: &Bill<'_>) -> Result<Option<[Vec<u8>; 2]>, String> {
    let mut details = Lines::default();
    bill.head(&mut details, &Heading { title: "账务明细查询", list: "账务明细列表", columns: COLUMNS });
    let (mut all, mut kinds) = (Sum::default(), BTreeMap::<EntryKind, Sum>::new());
    bill.each(&mut |date, id, entry| {
        let minor = entry.on_balance_minor();
        all.add(minor);
        kinds.entry(entry.kind).or_default().add(minor);
        let about = about(bill, entry)?;
        let of_sign = |wanted: bool| if wanted { bill.money(minor) } else { String::new() };
        details.fields(&[
            number(&sycee_acquiring::number::number(date, bill.cell.number, bill.merchant, id)),
            number(&about.ours),
            number(&about.theirs),
            field(&about.title),
            bill.time.write(entry.at_ns),
            field(&about.other),
            of_sign(minor >= 0),
            of_sign(minor < 0),
            bill.money(i128::from(entry.balance_after.minor())),
            String::from(CHANNEL),
            String::from(name(entry.kind)),
            field(&about.remark),
        ]);
        Ok(())
    })?;
    if kinds.is_empty() {
        return Ok(None);
    }
    details.line("#-----------------------------------------账务明细列表结束------------------------------------");
    details.line(&format!("#支出合计：{}笔，共{}元", all.expenses, bill.money(all.expense_minor)));
    details.line(&format!("#收入合计：{}笔，共{}元", all.incomes, bill.money(all.income_minor)));
    bill.foot(&mut details);

    let mut summary = Lines::default();
    bill.head(&mut summary, &Heading { title: "账务汇总查询", list: "账务汇总列表", columns: SUMMARY_COLUMNS });
    for (kind, sum) in kinds {
        summary.fields(&sum.line(bill, name(kind)));
    }
    summary.fields(&all.line(bill, "合计"));
    summary.line("#-----------------------------------------账务汇总列表结束------------------------------------");
    bill.foot(&mut summary);
    Ok(Some([details.into_gbk(), summary.into_gbk()]))
}
