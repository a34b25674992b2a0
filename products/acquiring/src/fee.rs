//! The fee rule, in its one place.

use alloc::string::String;
use alloc::vec::Vec;

use sycee_contract::{Adjustment, AdjustmentSide, Charge, Deciding, Stop};
use sycee_ledger::OPERATOR;
use sycee_money::{Rounding, share_bps};

use crate::FEE_INCOME;
use crate::record::Merchant;

/// What the merchant's fee is called.
pub(crate) const LABEL: &str = "merchant_fee";

/// The operator's fee for a payment to a merchant: the merchant's own price, or the market pack's, of the order's price,
/// whatever discounts others give. Charges between other parties are left alone.
pub(crate) fn adjust(
    rounding: Rounding,
    charge: &Charge,
    deciding: &mut Deciding<'_>,
    to: &mut Vec<Adjustment>,
) -> Result<(), Stop> {
    let Some(merchant) = deciding.get::<Merchant>(&Merchant::key(charge.payee))? else { return Ok(()) };
    let bps = match merchant.fee_bps {
        Some(bps) => bps,
        None => deciding.market()?.merchant_fee_bps,
    };
    let amount = share_bps(charge.price.amount, bps, rounding)?;
    if !amount.is_zero() {
        to.push(Adjustment {
            side: AdjustmentSide::FeeFromPayee,
            amount,
            account: FEE_INCOME.of(OPERATOR, charge.price.currency),
            label: String::from(LABEL),
        });
    }
    Ok(())
}
