//! Tests of `sycee-money` through its public interface: tables worked by hand, then properties on a fixed seed.

mod amounts;
mod currencies;
mod decimals;
mod properties;
mod rates;
mod roundings;

use minicbor::{Decode, Encode};
use sycee_money::{Amount, Currency, Money};

/// An amount that the test knows to be in range.
fn amount(minor: u64) -> Amount {
    Amount::new(minor).unwrap()
}

/// An amount of the currency with this code.
fn money(minor: u64, code: &str) -> Money {
    Money { amount: amount(minor), currency: currency(code) }
}

/// The currency with this code.
fn currency(code: &str) -> Currency {
    Currency::from_code(code).unwrap()
}

/// Asserts that a value is encoded as exactly these bytes, is decoded from them, and from none of their prefixes.
fn assert_cbor<T>(value: T, bytes: &[u8])
where
    T: Encode<()> + for<'b> Decode<'b, ()> + PartialEq + core::fmt::Debug,
{
    assert_eq!(minicbor::to_vec(&value).unwrap(), bytes, "{value:?}");
    assert_eq!(minicbor::decode::<T>(bytes).unwrap(), value);
    for length in 0..bytes.len() {
        assert!(minicbor::decode::<T>(&bytes[..length]).is_err(), "{value:?} cut to {length}");
    }
}
