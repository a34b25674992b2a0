//! The configuration: one TOML file, and flags that win over it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::pack;

/// The file. Every key is optional.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct ConfigFile {
    /// The address to listen on.
    pub listen: Option<String>,
    /// The data directory.
    pub data: Option<PathBuf>,
    /// The cells of this process.
    pub cells: Option<Vec<String>>,
    /// A folder of market packs, instead of those in the binary.
    pub markets: Option<PathBuf>,
    /// Sandbox mode.
    pub sandbox: Option<bool>,
    /// How clients reach this server, for links in codes and pages.
    pub public_url: Option<String>,
    /// The log.
    pub log: LogConfig,
    /// The journal.
    pub journal: JournalConfig,
}

/// The log.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// `text` (default) or `json`.
    pub format: Option<String>,
    /// A filter such as `info` or `sycee_engine=debug`.
    pub level: Option<String>,
}

/// The journal.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct JournalConfig {
    /// The size at which a segment is closed, MiB.
    pub segment_mib: Option<u64>,
}

/// What a server is started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The address to listen on; port 0 picks one.
    pub listen: String,
    /// The data directory.
    pub data: PathBuf,
    /// The cells of this process.
    pub cells: Vec<String>,
    /// A folder of market packs, instead of those in the binary.
    pub markets: Option<PathBuf>,
    /// Sandbox mode: never in production.
    pub sandbox: bool,
    /// How clients reach this server; from the listening address if `None`.
    pub public_url: Option<String>,
    /// Log lines as JSON.
    pub log_json: bool,
    /// The log's filter.
    pub log_level: String,
    /// The size at which a journal segment is closed, bytes.
    pub segment_bytes: u64,
}

/// The flags of `sycee serve`.
#[derive(Default)]
pub struct Flags {
    /// `--config FILE`.
    pub config: Option<PathBuf>,
    /// `--listen ADDR`.
    pub listen: Option<String>,
    /// `--data DIR`.
    pub data: Option<PathBuf>,
    /// `--cells a,b`.
    pub cells: Option<Vec<String>>,
    /// `--sandbox`.
    pub sandbox: bool,
}

impl Settings {
    /// Reads the file that the flags name, and lets the flags win.
    ///
    /// # Errors
    /// One line that says what is wrong.
    pub fn load(flags: Flags) -> Result<Self, String> {
        let file = match &flags.config {
            Some(path) => Self::read(path)?,
            None => ConfigFile::default(),
        };
        let log_json = match file.log.format.as_deref() {
            None | Some("text") => false,
            Some("json") => true,
            Some(other) => return Err(format!("log.format {other:?} is not text or json")),
        };
        let sandbox = flags.sandbox || file.sandbox.unwrap_or(false);
        let cells = flags.cells.or(file.cells);
        let cells = match cells {
            Some(cells) if cells.is_empty() => return Err("no cells: name at least one, such as --cells fr".into()),
            Some(cells) => cells,
            None if sandbox => pack::embedded(),
            None => {
                return Err(
                    "which cells? name them with --cells, for example --cells fr, or start with --sandbox".into()
                );
            }
        };
        let segment_mib = file.journal.segment_mib.unwrap_or(sycee_engine::limits::SEGMENT_BYTES >> 20);
        if !(1..=256).contains(&segment_mib) {
            return Err(format!("journal.segment_mib {segment_mib} is not between 1 and 256"));
        }
        Ok(Self {
            listen: flags.listen.or(file.listen).unwrap_or_else(|| "127.0.0.1:8080".into()),
            data: flags.data.or(file.data).unwrap_or_else(|| "sycee-data".into()),
            cells,
            markets: file.markets,
            sandbox,
            public_url: file.public_url,
            log_json,
            log_level: file.log.level.unwrap_or_else(|| "info".into()),
            segment_bytes: segment_mib << 20,
        })
    }

    fn read(path: &Path) -> Result<ConfigFile, String> {
        let text =
            std::fs::read_to_string(path).map_err(|error| format!("configuration {}: {error}", path.display()))?;
        toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(0, |span| text[..span.start].lines().count().max(1));
            format!("configuration {}: line {line}: {}", path.display(), error.message())
        })
    }
}
