//! The configuration: one TOML file, and flags that win over it.

use std::path::{Path, PathBuf};

use axum::http::HeaderName;
use jiff::Timestamp;
use serde::Deserialize;
use sycee_alipay::state::APP_CALLS_PER_SECOND;
use sycee_courier::Network;

use crate::market::signing::{TrustedKey, public_key};
use crate::market::{Packs, embedded};

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
    /// The keys whose signatures of packs in that folder are taken.
    pub market_keys: Vec<TrustedKey>,
    /// Sandbox mode.
    pub sandbox: Option<bool>,
    /// How clients reach this server, for links in codes and pages.
    pub public_url: Option<String>,
    /// Cells of other processes that those of this one are linked with.
    pub peers: Vec<PeerConfig>,
    /// The file with the key with which the cells of a network digest payment codes.
    pub network_code_key_file: Option<PathBuf>,
    /// A file of mid-market rates for the network's cell, read whenever it changes; a sandbox makes rates up without it.
    pub rates_file: Option<PathBuf>,
    /// The file that says how the web apps look and what they are called; Sycee's own look without it.
    pub brand: Option<PathBuf>,
    /// Networks that notifications may be sent to although they are not of the public internet, such as `10.0.0.0/8`.
    pub notify_allow: Vec<String>,
    /// The log.
    pub log: LogConfig,
    /// The journal.
    pub journal: JournalConfig,
    /// How often others may ask.
    pub limits: LimitsConfig,
}

/// A cell of another process.
#[derive(Deserialize, Clone, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct PeerConfig {
    /// Its short name.
    pub cell: String,
    /// Its number, 1 to 99.
    pub number: u16,
    /// Where its server is, such as `https://net.example.com`.
    pub url: String,
    /// What `sycee link key` prints there.
    pub public_key: String,
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

/// How often others may ask.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Requests a second of one address, before anybody looks at who asks; twice as many at once.
    pub requests_per_second: Option<u32>,
    /// Attempts at signing in a minute of one address; as many at once.
    pub sign_ins_per_minute: Option<u32>,
    /// Calls a second of one app at the Alipay edge; twice as many at once.
    pub app_calls_per_second: Option<u32>,
    /// Networks of our own proxies: of these, and no others, the header below is believed.
    pub trusted_proxies: Vec<String>,
    /// The header in which a proxy says for whom it asks; `x-forwarded-for` unless said.
    pub proxy_header: Option<String>,
}

/// The same, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests a second of one address.
    pub requests_per_second: u32,
    /// Attempts at signing in a minute of one address.
    pub sign_ins_per_minute: u32,
    /// Calls a second of one app at the Alipay edge.
    pub app_calls_per_second: u32,
    /// Networks of our own proxies.
    pub trusted_proxies: Vec<Network>,
    /// The header in which they say for whom they ask.
    pub proxy_header: HeaderName,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Many tills stand behind one address; this is what keeps a single machine from taking all.
            requests_per_second: 20_000,
            // Many phones too: a mobile network's customers share few addresses. Each attempt costs a fifth of a second of a core.
            sign_ins_per_minute: 60,
            app_calls_per_second: APP_CALLS_PER_SECOND,
            trusted_proxies: Vec::new(),
            proxy_header: HeaderName::from_static("x-forwarded-for"),
        }
    }
}

impl Limits {
    fn read(file: &LimitsConfig) -> Result<Self, String> {
        let default = Self::default();
        let count = |name: &str, given: Option<u32>, default: u32| match given {
            Some(0) => Err(format!("limits.{name} is at least 1")),
            given => Ok(given.unwrap_or(default)),
        };
        let header = file.proxy_header.as_deref().unwrap_or("x-forwarded-for");
        Ok(Self {
            requests_per_second: count("requests_per_second", file.requests_per_second, default.requests_per_second)?,
            sign_ins_per_minute: count("sign_ins_per_minute", file.sign_ins_per_minute, default.sign_ins_per_minute)?,
            app_calls_per_second: count(
                "app_calls_per_second",
                file.app_calls_per_second,
                default.app_calls_per_second,
            )?,
            trusted_proxies: networks("limits.trusted_proxies", &file.trusted_proxies)?,
            proxy_header: header
                .to_ascii_lowercase()
                .parse()
                .map_err(|_| format!("limits.proxy_header {header:?} is no name of a header"))?,
        })
    }
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
    /// The keys whose signatures of packs in that folder are taken.
    pub market_keys: Vec<TrustedKey>,
    /// Sandbox mode: never in production.
    pub sandbox: bool,
    /// Where the sandbox's clock begins, UTC nanoseconds, unless a cell's journal is later; now if `None`.
    pub clock_start_ns: Option<u64>,
    /// How clients reach this server; from the listening address if `None`.
    pub public_url: Option<String>,
    /// Cells of other processes that those of this one are linked with.
    pub peers: Vec<PeerConfig>,
    /// The file with the key with which the cells of a network digest payment codes.
    pub network_code_key_file: Option<PathBuf>,
    /// A file of mid-market rates for the network's cell; a sandbox makes rates up without it.
    pub rates_file: Option<PathBuf>,
    /// The file that says how the web apps look; Sycee's own look if `None`.
    pub brand: Option<PathBuf>,
    /// Networks that notifications may be sent to although they are not of the public internet.
    pub notify_allow: Vec<Network>,
    /// Log lines as JSON.
    pub log_json: bool,
    /// The log's filter.
    pub log_level: String,
    /// The size at which a journal segment is closed, bytes.
    pub segment_bytes: u64,
    /// How often others may ask.
    pub limits: Limits,
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
    /// `--clock-start INSTANT`.
    pub clock_start: Option<String>,
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
        let clock_start_ns = flags.clock_start.as_deref().map(|text| clock_start_ns(text, sandbox)).transpose()?;
        let cells = flags.cells.or(file.cells);
        let cells = match cells {
            Some(cells) if cells.is_empty() => return Err("no cells: name at least one, such as --cells fr".into()),
            Some(cells) => cells,
            None if sandbox => embedded(),
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
            market_keys: trusted_keys(file.market_keys)?,
            sandbox,
            clock_start_ns,
            public_url: file.public_url,
            peers: file.peers,
            network_code_key_file: file.network_code_key_file,
            rates_file: file.rates_file,
            brand: file.brand,
            notify_allow: networks("notify_allow", &file.notify_allow)?,
            log_json,
            log_level: file.log.level.unwrap_or_else(|| "info".into()),
            segment_bytes: segment_mib << 20,
            limits: Limits::read(&file.limits)?,
        })
    }

    /// Where this server's packs come from.
    #[must_use]
    pub fn packs(&self) -> Packs<'_> {
        match &self.markets {
            Some(folder) => Packs::Folder { folder, keys: &self.market_keys, signed: !self.sandbox },
            None => Packs::Embedded,
        }
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

/// Where the test clock is to begin: the clock of a server that is no sandbox is the system's.
fn clock_start_ns(text: &str, sandbox: bool) -> Result<u64, String> {
    if !sandbox {
        return Err("--clock-start is for a sandbox only: add --sandbox".into());
    }
    let instant: Option<Timestamp> = text.parse().ok();
    instant.and_then(|instant| u64::try_from(instant.as_nanosecond()).ok()).ok_or_else(|| {
        format!("--clock-start {text:?} is not an instant since 1970 in RFC 3339, such as 2026-10-12T08:00:00Z")
    })
}

/// Networks as they are written.
fn networks(key: &str, texts: &[String]) -> Result<Vec<Network>, String> {
    texts.iter().map(|text| Network::parse(text).map_err(|why| format!("{key}: {why}"))).collect()
}

/// Keys that can verify, each with a name of its own.
fn trusted_keys(keys: Vec<TrustedKey>) -> Result<Vec<TrustedKey>, String> {
    for (index, key) in keys.iter().enumerate() {
        public_key(&key.public_key).map_err(|reason| format!("market_keys: {reason}"))?;
        if key.name.is_empty() || keys.iter().take(index).any(|other| other.name == key.name) {
            return Err(format!("market_keys: a key has no name of its own ({:?})", key.name));
        }
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_for_notifications_are_read_at_the_start() {
        let read =
            |text: &str| toml::from_str::<ConfigFile>(text).map(|file| networks("notify_allow", &file.notify_allow));
        assert_eq!(read("").unwrap().unwrap(), []);
        assert_eq!(read("notify_allow = ['10.0.0.0/8', 'fd00::/8']").unwrap().unwrap().len(), 2);
        for bad in ["notify_allow = ['10.0.0.1/8']", "notify_allow = ['intranet']"] {
            assert!(read(bad).unwrap().unwrap_err().starts_with("notify_allow: "), "{bad}");
        }
        assert!(read("notify_allow = 10").is_err());
    }

    #[test]
    fn limits_have_defaults_and_are_read_at_the_start() {
        let read = |text: &str| Limits::read(&toml::from_str::<ConfigFile>(text).unwrap().limits);
        assert_eq!(read("").unwrap(), Limits::default());
        let some = read("[limits]\nsign_ins_per_minute = 5\nproxy_header = 'X-Real-IP'").unwrap();
        assert_eq!((some.sign_ins_per_minute, some.proxy_header.as_str()), (5, "x-real-ip"));
        for bad in ["requests_per_second = 0", "trusted_proxies = ['intranet']", "proxy_header = 'a b'"] {
            assert!(read(&format!("[limits]\n{bad}")).unwrap_err().starts_with("limits."), "{bad}");
        }
    }

    #[test]
    fn a_clock_starts_at_an_instant_and_in_a_sandbox_only() {
        // `date --utc --date 2026-10-12T08:00:00Z +%s`.
        let expected = Some(1_791_792_000_000_000_000);
        for (text, sandbox, start_ns) in [
            ("2026-10-12T08:00:00Z", true, expected),
            ("2026-10-12T10:00:00+02:00", true, expected),
            ("2026-10-12T08:00:00Z", false, None),
            ("2026-10-12T08:00:00", true, None),
            ("2026-10-12", true, None),
            ("1969-12-31T23:59:59Z", true, None),
            ("yesterday", true, None),
            ("", true, None),
        ] {
            let flags =
                Flags { sandbox, clock_start: Some(text.into()), cells: Some(vec!["fr".into()]), ..Flags::default() };
            let started = Settings::load(flags);
            assert_eq!(started.as_ref().ok().and_then(|settings| settings.clock_start_ns), start_ns, "{text}");
            assert!(start_ns.is_some() || started.is_err_and(|error| error.contains("--clock-start")), "{text}");
        }
    }
}
