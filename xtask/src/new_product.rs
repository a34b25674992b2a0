//! `cargo xtask new-product NAME`: a product that works, is tested and is registered, to be changed into the one that is
//! meant (law 11: a new product is one folder and one registry entry).

mod register;

use std::path::{Path, PathBuf};

use crate::run::{Failure, Result, Run, fail, root};

/// The files of a product, below `products/NAME/`.
const FILES: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("../templates/product/Cargo.toml.txt")),
    ("README.md", include_str!("../templates/product/README.md.txt")),
    ("src/lib.rs", include_str!("../templates/product/src/lib.rs.txt")),
    ("src/command.rs", include_str!("../templates/product/src/command.rs.txt")),
    ("src/record.rs", include_str!("../templates/product/src/record.rs.txt")),
    ("src/decide.rs", include_str!("../templates/product/src/decide.rs.txt")),
    ("src/audit.rs", include_str!("../templates/product/src/audit.rs.txt")),
    ("src/workload.rs", include_str!("../templates/product/src/workload.rs.txt")),
    ("src/tests.rs", include_str!("../templates/product/src/tests.rs.txt")),
    ("src/tests/cell.rs", include_str!("../templates/product/src/tests/cell.rs.txt")),
    ("tests/payment.rs", include_str!("../templates/product/tests/payment.rs.txt")),
];

/// Makes the product that the arguments name.
pub fn run(arguments: &[String]) -> Result {
    let (folder, name) = parse(arguments)?;
    let root = match folder {
        Some(folder) => folder,
        None => root()?,
    };
    check_name(name)?;
    let product = root.join("products").join(name);
    if product.exists() {
        return fail(format!("products/{name} is there already"));
    }
    let number = register::next_number(&root)?;
    // All that can be refused has been looked at before the first file is written.
    let changes = register::changes(&root, name)?;
    for (path, template) in FILES {
        let path = product.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&path, fill(template, name, number))?;
    }
    for (path, text) in &changes {
        std::fs::write(root.join(path), text)?;
        println!("named the product in {path}");
    }
    // The template's lines fit any name only after formatting, and so does the registry's list.
    let package = format!("sycee-{name}");
    Run::new("cargo", &["fmt", "--package", &package]).dir(&root).run()?;
    for (path, _) in changes.iter().filter(|(path, _)| path.ends_with(".rs")) {
        Run::new("rustfmt", &["--edition", "2024", path]).dir(&root).run()?;
    }
    println!("made products/{name}, product number {number}: cargo test -p {package}");
    Ok(())
}

fn parse(arguments: &[String]) -> Result<(Option<PathBuf>, &str)> {
    match arguments {
        [name] => Ok((None, name)),
        [flag, folder, name] if flag == "--dir" => Ok((Some(Path::new(folder).to_path_buf()), name)),
        _ => fail("new-product takes [--dir DIR] NAME"),
    }
}

/// A folder, part of a crate's name, of a type's name and of refusals: one word of small letters and digits.
fn check_name(name: &str) -> Result {
    let shaped = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|character| character.is_ascii_lowercase() || character.is_ascii_digit())
        && name.len() <= 20;
    if !shaped {
        return fail(format!("{name:?} is no product name: one word of at most 20 small letters and digits"));
    }
    Ok(())
}

fn fill(template: &str, name: &str, number: u8) -> String {
    let capital: String =
        name.char_indices().map(|(at, letter)| if at == 0 { letter.to_ascii_uppercase() } else { letter }).collect();
    let text = template.replace("@name@", name).replace("@Name@", &capital);
    text.replace("@number@", &number.to_string()).replace("@code@", &format!("0x{number:02x}"))
}

impl From<std::num::TryFromIntError> for Failure {
    fn from(_: std::num::TryFromIntError) -> Self {
        Self("all product numbers to 255 are taken".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, good) in [
            ("voucher", true),
            ("p2p", true),
            ("", false),
            ("2p", false),
            ("tax-refund", false),
            ("Voucher", false),
            ("../x", false),
            ("aaaaaaaaaaaaaaaaaaaaa", false),
        ] {
            assert_eq!(check_name(name).is_ok(), good, "{name:?}");
        }
    }

    #[test]
    fn arguments() {
        let of = |text: &str| {
            let words: Vec<String> = text.split_whitespace().map(String::from).collect();
            parse(&words).map(|(folder, name)| (folder, name.to_owned())).ok()
        };
        assert_eq!(of("voucher"), Some((None, "voucher".into())));
        assert_eq!(of("--dir /x voucher"), Some((Some("/x".into()), "voucher".into())));
        assert_eq!(of(""), None);
        assert_eq!(of("--dir voucher"), None);
        assert_eq!(of("a b c d"), None);
    }

    #[test]
    fn nothing_of_a_template_is_left() {
        for (path, template) in FILES {
            let text = fill(template, "voucher", 10);
            assert!(!text.contains('@'), "{path}");
        }
        assert_eq!(fill("@code@01 @number@ @Name@ @name@", "voucher", 10), "0x0a01 10 Voucher voucher");
    }
}
