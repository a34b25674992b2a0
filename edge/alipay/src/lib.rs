//! The Alipay Open Platform protocol, version 2 (`/gateway.do`) and version 3 ([`rest`]): bytes to commands and back.
//!
//! [`wire`], [`codes`], [`signature`], [`notify`] and [`return_url`] know the wire only: how parameters arrive, what is
//! signed, which codes refusals carry and what exact bytes an unmodified merchant client can check. [`gateway`],
//! [`methods`], [`cashier`] and [`notifier`] join it to the engine; [`refusals`] says what each refusal is called there.
//!
//! The way of a request: [`wire::parameters::Parameters::parse`], then
//! [`wire::request::UnverifiedRequest::decode`], the look-up of the application ([`Alipay::application`]), then
//! [`wire::request::UnverifiedRequest::verify`], [`wire::biz_content::BizContent::parse`], the business itself
//! ([`methods`]), and [`wire::response::signed_body`]. Whatever fails on that way is a [`wire::failure::Failure`] and
//! leaves through the same door, signed.

pub mod aes;
pub mod bills;
pub mod cashier;
pub mod certificates;
pub mod codes;
pub mod gateway;
pub mod market_time;
pub mod methods;
pub mod notifier;
pub mod notify;
pub mod refusals;
pub mod rest;
pub mod return_url;
pub mod signature;
pub mod signed_text;
pub mod state;
pub mod timeout;
pub mod timestamps;
pub mod wire;

pub use gateway::{is_sign_in, router};
pub use notifier::Notifier;
pub use state::Alipay;
