//! Market packs as people write them: read, checked, signed, and turned into the record that a cell takes by command.
//!
//! The format is described in `markets/README.md`. Every figure carries its source and confidence; the record carries
//! only the figures.

mod calendar;
pub mod check;
pub mod command;
mod convert;
pub mod diff;
mod document;
pub mod dry_run;
mod figures;
mod file;
mod network;
mod patterns;
pub mod signing;
mod tiers;

use std::path::Path;

use sycee_contract::{MarketPack, PackProvenance};

use document::{Document, PackError, toml_error};
use signing::TrustedKey;

/// The packs that are in the binary.
const EMBEDDED: [(&str, &str); 8] = [
    ("cn", include_str!("../../../markets/cn.toml")),
    ("hk", include_str!("../../../markets/hk.toml")),
    ("th", include_str!("../../../markets/th.toml")),
    ("pk", include_str!("../../../markets/pk.toml")),
    ("kr", include_str!("../../../markets/kr.toml")),
    ("it", include_str!("../../../markets/it.toml")),
    ("fr", include_str!("../../../markets/fr.toml")),
    ("net", include_str!("../../../markets/net.toml")),
];

/// The longest pack that is read, bytes; those in the binary have a twentieth of it.
const PACK_BYTES: u64 = 1 << 20;

/// Where a server's packs come from.
#[derive(Clone, Copy, Debug)]
pub enum Packs<'s> {
    /// The binary, of which they are a part.
    Embedded,
    /// A folder with `CELL.toml` for each cell.
    Folder {
        /// The folder.
        folder: &'s Path,
        /// Whose signatures are taken.
        keys: &'s [TrustedKey],
        /// Whether a pack that nobody signed is an error, as it is in production; otherwise it is a warning.
        signed: bool,
    },
}

/// The pack of a cell, with its provenance.
///
/// # Errors
/// One line that says which file, and what is wrong in it.
pub fn load(cell: &str, packs: &Packs<'_>) -> Result<MarketPack, String> {
    let pack = match packs {
        Packs::Embedded => {
            let found = EMBEDDED.iter().find(|(name, _)| *name == cell);
            let (_, text) = found
                .ok_or_else(|| format!("no market pack for cell {cell:?}; there are {}", embedded().join(", ")))?;
            let pack = read(text).map_err(|error| format!("market pack {cell}: {error}"))?;
            with_provenance(pack, text, None)
        }
        Packs::Folder { folder, keys, signed } => {
            let file = folder.join(format!("{cell}.toml"));
            let text = read_text(&file).map_err(|error| format!("market pack {error}"))?;
            let pack = read(&text).map_err(|error| format!("market pack {}: {error}", file.display()))?;
            let signer = signer(&file, &text, keys, *signed)?;
            with_provenance(pack, &text, signer)
        }
    };
    if pack.cell == cell { Ok(pack) } else { Err(format!("market pack {cell}: its cell is {:?}", pack.cell)) }
}

fn with_provenance(pack: MarketPack, text: &str, signer: Option<String>) -> MarketPack {
    let text_sha256 = signing::sha256(text.as_bytes());
    MarketPack { provenance: Some(PackProvenance { text_sha256, signer }), ..pack }
}

/// Who signed a pack; without a signature an error where one is needed, and else a warning.
fn signer(file: &Path, text: &str, keys: &[TrustedKey], required: bool) -> Result<Option<String>, String> {
    let is_signed = signing::signature_file(file).exists();
    if is_signed && keys.is_empty() && !required {
        tracing::warn!(pack = %file.display(), "signature not verified: the configuration has no market_keys");
        return Ok(None);
    }
    let signer = signing::signer(file, text.as_bytes(), keys).map_err(|error| format!("market pack {error}"))?;
    match signer {
        None if required => {
            let file = file.display();
            Err(format!("market pack {file}: not signed; in production a pack of a folder needs {file}.sig"))
        }
        None => {
            tracing::warn!(pack = %file.display(), "market pack is not signed");
            Ok(None)
        }
        signer => Ok(signer),
    }
}

/// The names of the packs in the binary.
#[must_use]
pub fn embedded() -> Vec<String> {
    EMBEDDED.iter().map(|(name, _)| (*name).to_owned()).collect()
}

/// Reads a pack's text; the record has no provenance.
///
/// # Errors
/// The first thing that is wrong, and its line.
pub fn read(text: &str) -> Result<MarketPack, PackError> {
    let document = Document::parse(text)?;
    let file: file::File = toml::from_str(text).map_err(|error| toml_error(text, &error))?;
    convert::convert(&file, &document)
}

/// The text of a pack's file.
fn read_text(file: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    if std::fs::metadata(file).map_err(failed)?.len() > PACK_BYTES {
        return Err(format!("{}: is longer than {PACK_BYTES} bytes", file.display()));
    }
    std::fs::read_to_string(file).map_err(failed)
}

#[cfg(test)]
mod tests;
