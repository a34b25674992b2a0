//! What travels: parameters in, signed JSON out.

pub mod amount;
pub mod biz_content;
pub mod callback_url;
pub mod charset;
pub mod failure;
pub mod outgoing_fields;
pub mod parameters;
pub mod request;
pub mod response;
pub mod upload;
