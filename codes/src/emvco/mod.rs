//! The EMVCo QR code specifications for payment systems.
//!
//! [`merchant`]: merchant-presented mode, version 1.1. The consumer-presented mode (BER-TLV in base64) has its place
//! beside it.

pub mod merchant;
pub mod tlv;
