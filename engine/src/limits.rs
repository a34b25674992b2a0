//! Every number that bounds the engine, in one place.

/// The most commands in one batch. A batch is one durable sync; a larger one gives more per second and a longer wait.
pub const BATCH_COMMANDS: usize = 2_048;
/// A batch is closed when its plans hold this many movements and rows together.
pub const BATCH_CHANGES: usize = 32_768;
/// Commands that may wait in a cell's queue; then the edge answers 503 with Retry-After.
pub const QUEUE_COMMANDS: usize = 16_384;
/// Room beyond that for results from outside, timers and operators.
pub const QUEUE_RESERVED: usize = 2_048;
/// Batches that may wait for the disk while the next is decided.
pub const BATCHES_IN_FLIGHT: usize = 2;
/// A journal segment is closed at this size, bytes; its space is allocated when it is begun.
pub const SEGMENT_BYTES: u64 = 64 << 20;
/// The largest batch that a reader accepts, bytes.
pub const BATCH_BYTES: usize = 256 << 20;
/// Rows and accounts that the writer keeps in memory, half of them recent.
pub const MEMORY_ROWS: usize = 600_000;
/// Rows that wait for the tables before the applier writes them without waiting for more.
pub const APPLY_ROWS: usize = 60_000;
/// How long the applier waits for more rows, milliseconds.
pub const APPLY_WAIT_MS: u64 = 100;
/// Rows that may wait for the tables before the writer waits too.
pub const APPLY_BACKLOG_ROWS: usize = 1_500_000;
/// How often the tables are made durable and a checkpoint written, in operations.
pub const CHECKPOINT_OPERATIONS: u64 = 200_000;
/// How far the clock may stand behind the last stamp, nanoseconds; beyond that the cell refuses until an operator looks.
pub const CLOCK_BACK_NS: u64 = 5_000_000_000;
/// Commands and timers that may wait for rows from the tables; then the queue is left to fill up.
pub const WAITING_COMMANDS: usize = 8_192;
/// A batch is closed when its commands and plans are about this long, bytes.
pub const BATCH_PLAN_BYTES: usize = 16 << 20;
/// How long a timer that met a broken rule or record waits before it is tried again, nanoseconds.
pub const QUARANTINE_NS: u64 = 60_000_000_000;
/// How long the tables may take nothing while rows wait for them before the cell stops, seconds.
pub const TABLES_STALL_SECONDS: u64 = 60;
/// Timers that are fired in one step before queued commands have their turn.
pub const TIMERS_PER_STEP: usize = 1_024;
/// Messages that a cell puts into one frame for another; one frame is in flight at a time.
pub const FRAME_MESSAGES: usize = 512;
/// A frame is closed when its messages are about this long, bytes.
pub const FRAME_BYTES: usize = 1 << 20;
/// Messages that a frame may have to be taken.
pub const FRAME_MESSAGES_MAX: usize = 2_048;
/// How long a frame may be to be taken, bytes: a message that is larger than a frame should be travels alone.
pub const FRAME_BYTES_MAX: usize = 2 << 20;
/// How long the reply to a frame may be, bytes.
pub const FRAME_REPLY_BYTES_MAX: usize = 1_024;
/// How long messages for a peer gather before a frame is made of them, milliseconds.
pub const FRAME_GATHER_MS: u64 = 2;
/// How long a peer has for its reply to a frame, seconds; then it is sent again.
pub const FRAME_REPLY_SECONDS: u64 = 30;
/// How long a pump waits after its first failed frame, milliseconds; each time twice as long, by the machine's own clock.
pub const FRAME_RETRY_MIN_MS: u64 = 50;
/// The longest that it waits, milliseconds.
pub const FRAME_RETRY_MAX_MS: u64 = 5_000;
/// The newest events of a cell that are kept in memory for subscribers; older ones are read from the journal.
pub const RECENT_EVENTS: usize = 16_384;
/// Events that one page of the stream looks at, wanted or not.
pub const EVENTS_LOOKED_AT: usize = 65_536;
/// Recent events that are taken out at once while the stream is locked, so that a reader with a dear filter holds up no batch.
pub const EVENTS_AT_ONCE: usize = 512;
/// How long an advance of the sandbox's clock waits for links on which nothing moves, seconds.
pub const LINK_QUIET_SECONDS: u64 = 8;
