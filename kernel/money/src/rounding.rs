//! Rounding, and dividing an amount so that the parts add up.

use alloc::vec::Vec;
use core::cmp::{Ordering, Reverse};

use minicbor::{Decode, Encode};

use crate::{Amount, MoneyError};

/// Which whole number stands for a quotient that is not whole. Nothing here is negative, so down is towards zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Rounding {
    /// The whole number below: 2.9 gives 2.
    #[n(0)]
    Down,
    /// The whole number above: 2.1 gives 3.
    #[n(1)]
    Up,
    /// The nearest; a half goes up: 2.5 gives 3.
    #[n(2)]
    HalfUp,
    /// The nearest; a half goes to the even one: 2.5 gives 2, 3.5 gives 4.
    #[n(3)]
    HalfEven,
}

/// `numerator / denominator` as a whole number.
///
/// # Errors
/// [`MoneyError::DivisionByZero`]; [`MoneyError::Overflow`] when rounding up leaves 128 bits (only for a denominator
/// of one could the quotient be that large, and that is never rounded).
pub fn divide(numerator: u128, denominator: u128, rounding: Rounding) -> Result<u128, MoneyError> {
    let quotient = numerator.checked_div(denominator).ok_or(MoneyError::DivisionByZero)?;
    let remainder = numerator.checked_rem(denominator).ok_or(MoneyError::DivisionByZero)?;
    if remainder == 0 {
        return Ok(quotient);
    }
    // Compared with what is missing to the next whole number: twice the remainder might not fit.
    let missing = denominator.checked_sub(remainder).ok_or(MoneyError::Overflow)?;
    let up = match (rounding, remainder.cmp(&missing)) {
        (Rounding::Down, _) => false,
        (Rounding::Up, _) => true,
        (Rounding::HalfUp, order) => order != Ordering::Less,
        (Rounding::HalfEven, Ordering::Equal) => quotient & 1 == 1,
        (Rounding::HalfEven, order) => order == Ordering::Greater,
    };
    quotient.checked_add(u128::from(up)).ok_or(MoneyError::Overflow)
}

/// Who gets the minor units that are left when every part of a split was rounded down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum RemainderRule {
    /// All go to the first part whose weight is not zero.
    #[n(0)]
    FirstGets,
    /// One each to the parts that lost most by rounding down; of equals, to the earlier (Hamilton's method).
    #[n(1)]
    LargestRemainder,
}

/// Divides `total` in proportion to `weights`; the parts add up to `total` exactly, in the order of the weights. A part
/// of weight zero is nothing. Equal input gives equal output on every machine.
///
/// # Errors
/// [`MoneyError::WeightsZero`] when there is no weight above zero; [`MoneyError::Overflow`] when the weights' sum times
/// an amount could leave 128 bits.
pub fn split(total: Amount, weights: &[u64], rule: RemainderRule) -> Result<Vec<Amount>, MoneyError> {
    let weight_sum = weights
        .iter()
        .try_fold(0_u128, |sum, weight| sum.checked_add(u128::from(*weight)))
        .ok_or(MoneyError::Overflow)?;
    if weight_sum == 0 {
        return Err(MoneyError::WeightsZero);
    }
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut left = total;
    for weight in weights {
        let product = product(total, u128::from(*weight))?;
        let part = Amount::try_from(divide(product, weight_sum, Rounding::Down)?)?;
        left = left.checked_sub(part)?;
        parts.push(part);
        remainders.push(product.checked_rem(weight_sum).ok_or(MoneyError::DivisionByZero)?);
    }
    match rule {
        RemainderRule::FirstGets => {
            let first = parts.iter_mut().zip(weights).find(|(_, weight)| **weight != 0);
            if let Some((part, _)) = first {
                *part = part.checked_add(left)?;
            }
        }
        RemainderRule::LargestRemainder => {
            // The remainders are below the sum of weights and add up to `left` times it, so at least `left` parts have
            // one: every unit finds a part, and none of weight zero.
            let mut receivers: Vec<_> = parts.iter_mut().zip(remainders).collect();
            receivers.sort_by_key(|(_, remainder)| Reverse(*remainder));
            let count = usize::try_from(left.minor()).map_err(|_| MoneyError::Overflow)?;
            for (part, _) in receivers.into_iter().take(count) {
                *part = part.checked_add(Amount::ONE)?;
            }
        }
    }
    Ok(parts)
}

/// Of `paid`, the share that belongs to `part_so_far` of `total`: round(paid × part ÷ total), halves up.
///
/// For refunds in parts, give the sum refunded so far including this one, and give back the difference to the share
/// before it: no order of partial refunds can return more or less than `paid` in all, and a full refund returns exactly
/// `paid`. `paid` may be in another currency than the other two, which share one.
///
/// # Errors
/// [`MoneyError::DivisionByZero`] when `total` is nothing; [`MoneyError::PartAboveTotal`].
pub fn cumulative_share(paid: Amount, part_so_far: Amount, total: Amount) -> Result<Amount, MoneyError> {
    if part_so_far > total {
        return Err(MoneyError::PartAboveTotal);
    }
    let product = product(paid, u128::from(part_so_far.minor()))?;
    Amount::try_from(divide(product, u128::from(total.minor()), Rounding::HalfUp)?)
}

/// An amount's minor units times a factor.
pub(crate) fn product(amount: Amount, factor: u128) -> Result<u128, MoneyError> {
    u128::from(amount.minor()).checked_mul(factor).ok_or(MoneyError::Overflow)
}
