//! The Alipay Open Platform protocol, version 2 (`/gateway.do`): bytes to commands and back.
//!
//! This crate knows the wire only: how parameters arrive, what is signed, which codes refusals carry and what exact
//! bytes an unmodified merchant client can check. It opens no socket and reads no clock.
//!
//! The way of a request: [`wire::parameters::Parameters::parse`], then
//! [`wire::request::UnverifiedRequest::decode`], the caller's look-up of the application, then
//! [`wire::request::UnverifiedRequest::verify`], [`wire::biz_content::BizContent::parse`], the business itself, and
//! [`wire::response::signed_body`]. Whatever fails on that way is a [`wire::failure::Failure`] and leaves through
//! the same door, signed.

pub mod codes;
pub mod notify;
pub mod return_url;
pub mod signature;
pub mod timeout;
pub mod timestamps;
pub mod wire;
