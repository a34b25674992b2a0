//! Cell links over HTTP: the same signed frames that cells of one process exchange, between processes.
//!
//! `POST /links/v1/frames` takes a frame and answers with the signed reply. What is in them, and what makes a message arrive
//! exactly once, is the engine's; this edge moves bytes. Frames are signed and not encrypted: TLS keeps them private, and a
//! peer's address is `https`, or this machine's own.

mod carrier;
mod doors;
mod target;

pub use carrier::HttpCarrier;
pub use doors::router;
pub use target::BadUrl;

/// The path that takes frames.
pub const FRAMES_PATH: &str = "/links/v1/frames";
/// The media type of frames and replies (RFC 8949, section 9.5).
pub const CONTENT_TYPE: &str = "application/cbor";
