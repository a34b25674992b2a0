//! The only crate that names every product (law 11): what lists products asks here.
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::as_conversions,
        clippy::arithmetic_side_effects,
        clippy::float_arithmetic,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used
    )
)]

extern crate alloc;

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use sycee_acquiring::Acquiring;
use sycee_books::Books;
use sycee_contract::{Product, Products};
use sycee_interop::Interop;
use sycee_party::PartyProduct;
use sycee_wallet::Wallet;

/// One entry for each product, lowest in the drawing first: seams and guards are asked in this order. Tests change the
/// list to show that a product's absence or another's presence is noticed.
#[must_use]
pub fn list() -> Vec<Box<dyn Product>> {
    vec![
        Box::new(PartyProduct),
        Box::new(Wallet),
        Box::new(Acquiring::default()),
        Box::new(Books),
        Box::new(Interop::default()),
    ]
}

/// All products of the binary.
///
/// # Panics
/// If two products have the same number. The list is fixed when the binary is built and a test makes it, so a binary
/// that has passed its tests never panics here.
#[must_use]
pub fn products() -> Products {
    match Products::new(list()) {
        Ok(products) => products,
        Err(name) => unreachable!("the number of the product {name} is taken"),
    }
}
