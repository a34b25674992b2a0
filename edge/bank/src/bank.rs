//! What is needed of a bank: it takes files, leaves files, and can be asked.

use std::io;

use sycee_engine::outbound::FaultMode;

/// A file that a bank has left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AnswerFile {
    /// Its name, by which it is taken away.
    pub name: String,
    /// Its bytes, at most one more than [`crate::xml::FILE_MAX_BYTES`].
    pub bytes: Vec<u8>,
}

/// What a bank says of a payment when it is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It has never heard of it, and will not hear of it from what was sent: it may be sent again.
    NeverSeen,
    /// It will be paid; the answer comes by itself.
    UnderWay,
    /// What became of it stands in an answer that was left again.
    Answered,
    /// It does not say.
    Silent,
}

/// A bank of one cell. It knows a payment by its end-to-end id and does it once, however often it is sent.
pub trait Bank: Send + Sync {
    /// Hands a file over. The fault is a tester's.
    ///
    /// # Errors
    /// It is not known whether the file has arrived.
    fn deliver(&self, name: &str, file: &str, now_ns: u64, fault: Option<FaultMode>) -> io::Result<()>;

    /// Lets a bank that is simulated do what is due at `now_ns`; a real one needs no leave.
    ///
    /// # Errors
    /// Its files.
    fn work(&self, now_ns: u64) -> io::Result<()>;

    /// When it will do something by itself, UTC nanoseconds, if that is known.
    fn next_due_ns(&self) -> Option<u64>;

    /// The files that it has left, the oldest first, some at a time.
    ///
    /// # Errors
    /// The files'.
    fn answers(&self) -> io::Result<Vec<AnswerFile>>;

    /// Puts a file away: it is read and its results are durable, or it cannot be understood and a person must look.
    ///
    /// # Errors
    /// The files'.
    fn put_away(&self, name: &str, is_understood: bool) -> io::Result<()>;

    /// Asks what became of a payment.
    ///
    /// # Errors
    /// The question has not got through.
    fn ask(&self, end_to_end_id: &str, now_ns: u64) -> io::Result<Standing>;
}
