//! `post_transfers`, the hot path: the body is read straight into what the kernel takes, in one pass and one allocation.

use alloc::format;
use alloc::vec::Vec;

use minicbor::Decoder;
use sycee_contract::{Deciding, Refusal, Stop, TransferBatchItem, cell, encode};

use crate::command::{RefusedTransfer, TransfersPosted};
use crate::{ACCOUNT_NOT_OF_BOOKS, ITEMS_MAX, TOO_MANY_ITEMS, is_of_books};

pub(crate) fn post_transfers(body: &[u8], deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let items = items(body)?;
    if let Some(index) = items.iter().position(|item| !(is_of_books(item.debit) && is_of_books(item.credit))) {
        return Err(Refusal::new(ACCOUNT_NOT_OF_BOOKS, format!("item {index}")).into());
    }
    let outcome = deciding.transfer_batch(&items)?;
    let refused = (0_u32..).zip(outcome).filter_map(|(index, refusal)| {
        let refusal = cell::LEDGER_REFUSAL_BASE.saturating_add(refusal?.number());
        Some(RefusedTransfer { index, refusal })
    });
    Ok(encode(&TransfersPosted { refused: refused.collect() }))
}

/// Reads the body of [`crate::command::PostTransfers`]. The count is checked before anything is allocated; fields that a
/// later version may add are skipped.
pub(crate) fn items(body: &[u8]) -> Result<Vec<TransferBatchItem>, Stop> {
    let mut decoder = Decoder::new(body);
    let (more_fields, count) = header(&mut decoder).map_err(bad_body)?;
    let fits = usize::try_from(count).ok().filter(|count| *count <= ITEMS_MAX);
    let Some(count) = fits else {
        return Err(Refusal::new(TOO_MANY_ITEMS, format!("{count} items")).into());
    };
    let mut items = Vec::with_capacity(count);
    for _ in 0..count {
        items.push(item(&mut decoder).map_err(bad_body)?);
    }
    for _ in 0..more_fields {
        decoder.skip().map_err(bad_body)?;
    }
    if decoder.position() != body.len() {
        return Err(Refusal::new(cell::BAD_BODY, "bytes after the body").into());
    }
    Ok(items)
}

/// How many fields follow the items, and how many items there are.
fn header(decoder: &mut Decoder<'_>) -> Result<(u64, u64), minicbor::decode::Error> {
    let missing = || minicbor::decode::Error::message("items is a list");
    let more_fields = decoder.array()?.and_then(|fields| fields.checked_sub(1)).ok_or_else(missing)?;
    let count = decoder.array()?.ok_or_else(missing)?;
    Ok((more_fields, count))
}

fn item(decoder: &mut Decoder<'_>) -> Result<TransferBatchItem, minicbor::decode::Error> {
    let fields = decoder.array()?.filter(|fields| *fields >= 5);
    let fields = fields.ok_or_else(|| minicbor::decode::Error::message("a transfer has five fields"))?;
    let item = TransferBatchItem {
        debit: decoder.decode()?,
        credit: decoder.decode()?,
        amount: decoder.decode()?,
        code: decoder.u16()?,
        linked: decoder.bool()?,
    };
    for _ in 5..fields {
        decoder.skip()?;
    }
    Ok(item)
}

fn bad_body(_: minicbor::decode::Error) -> Stop {
    Refusal::new(cell::BAD_BODY, "the body does not decode").into()
}
