//! The EMVCo QR code specifications for payment systems.
//!
//! [`merchant`]: merchant-presented mode, version 1.1. [`consumer`]: consumer-presented mode, version 1.1.

pub mod consumer;
pub mod merchant;
pub mod tlv;
