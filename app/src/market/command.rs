//! The verb `sycee market`.

use std::path::{Path, PathBuf};

use lexopt::prelude::{Long, Value, ValueExt as _};

use super::signing::{self, TrustedKey};
use super::{check, diff, dry_run};

/// How it is called.
pub const USAGE: &str = "\
use: sycee market check FILE... [--trust PUBLIC_KEY]...
     sycee market diff OLD NEW
     sycee market dry-run FILE --data DIR
     sycee market keygen NAME
     sycee market sign FILE --key KEYFILE";

/// What stands after the verb.
#[derive(Default)]
struct Arguments {
    words: Vec<String>,
    trusted: Vec<TrustedKey>,
    data: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl Arguments {
    fn read(parser: &mut lexopt::Parser) -> Result<Self, String> {
        let mut arguments = Self::default();
        let failed = |error: lexopt::Error| error.to_string();
        while let Some(argument) = parser.next().map_err(failed)? {
            match argument {
                Value(word) => arguments.words.push(word.string().map_err(failed)?),
                Long("trust") => {
                    let public_key = parser.value().and_then(|value| value.string()).map_err(failed)?;
                    signing::public_key(&public_key).map_err(|reason| format!("--trust: {reason}"))?;
                    arguments.trusted.push(TrustedKey { name: String::new(), public_key });
                }
                Long("data") => arguments.data = Some(parser.value().map_err(failed)?.into()),
                Long("key") => arguments.key = Some(parser.value().map_err(failed)?.into()),
                other => return Err(other.unexpected().to_string()),
            }
        }
        Ok(arguments)
    }
}

/// Runs what the arguments after `market` ask for. True if all is well: the pack is good, nothing dangerous differs,
/// nothing would have been decided otherwise.
///
/// # Errors
/// One line: bad use, a bad pack (`FILE:LINE: reason`), or what the system says.
pub fn run(parser: &mut lexopt::Parser) -> Result<bool, String> {
    let arguments = Arguments::read(parser)?;
    let words: Vec<&str> = arguments.words.iter().map(String::as_str).collect();
    let Arguments { trusted, data, key, .. } = &arguments;
    match (words.as_slice(), data, key) {
        (["check", files @ ..], None, None) if !files.is_empty() => {
            let files: Vec<&Path> = files.iter().map(Path::new).collect();
            check::run(&files, trusted).map(|()| true)
        }
        (["diff", old, new], None, None) if trusted.is_empty() => diff::run(Path::new(old), Path::new(new)),
        (["dry-run", file], Some(data), None) if trusted.is_empty() => {
            dry_run::run(Path::new(file), data, &sycee_registry::products())
        }
        (["keygen", name], None, None) if trusted.is_empty() => {
            let public_key = signing::keygen(name, Path::new("."))?;
            println!("{name}.pem");
            println!("public key: {public_key}");
            Ok(true)
        }
        (["sign", file], None, Some(key)) if trusted.is_empty() => {
            // A pack that no server would take is not worth a signature.
            check::checked(Path::new(file))?;
            println!("{}", signing::sign(Path::new(file), key)?.display());
            Ok(true)
        }
        _ => Err(USAGE.into()),
    }
}
