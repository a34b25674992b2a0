//! What a figure is worth nothing without: the machine, the compiler, the commit.

use std::path::Path;

use serde_json::{Value, json};

use crate::run::{Result, Run};

/// Where and from what a result was made.
pub struct Facts {
    /// UTC, as `2026-01-31`.
    pub date: String,
    /// Short, with `-changed` if files differ from it.
    pub commit: String,
    processor: String,
    cores: usize,
    memory_mib: u64,
    kernel: String,
    compiler: String,
}

/// Reads them.
pub fn read(root: &Path) -> Result<Facts> {
    let line =
        |program, arguments: &[&str]| Run::new(program, arguments).dir(root).output().map(|out| out.trim().to_owned());
    let changed = !line("git", &["status", "--porcelain", "--untracked-files=no"])?.is_empty();
    let commit = line("git", &["rev-parse", "--short", "HEAD"])?;
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    Ok(Facts {
        date: line("date", &["--utc", "+%Y-%m-%d"])?,
        commit: if changed { format!("{commit}-changed") } else { commit },
        processor: field(&processor, "model name").unwrap_or("unknown").to_owned(),
        cores: std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        memory_mib: field(&memory, "MemTotal").map_or(0, kibibytes) / 1024,
        kernel: line("uname", &["--kernel-release"])?,
        compiler: line("rustc", &["--version"])?,
    })
}

impl Facts {
    /// As it is written beside the figures.
    pub fn machine(&self) -> Value {
        let Self { processor, cores, memory_mib, kernel, compiler, .. } = self;
        json!({
            "processor": processor, "cores": cores, "memory_mib": memory_mib, "kernel": kernel, "compiler": compiler
        })
    }
}

/// The value of `name` in a file of `name : value` lines.
fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs.map(|(key, value)| (key.trim(), value.trim())).find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// `24685544 kB`.
fn kibibytes(text: &str) -> u64 {
    text.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_proc() {
        let text = "processor\t: 0\nmodel name\t: Some CPU @ 2.0 GHz\n\nMemTotal:       2097152 kB\n";
        assert_eq!(field(text, "model name"), Some("Some CPU @ 2.0 GHz"));
        assert_eq!(field(text, "MemTotal").map(kibibytes), Some(2_097_152));
        assert_eq!(field(text, "flags"), None);
    }
}
