//! Turns `data/iso4217.csv` into the sorted tables that `src/currency.rs` includes, and refuses a malformed file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

const SOURCE: &str = "data/iso4217.csv";

/// One row of the data file.
struct Row<'a> {
    code: &'a str,
    numeric: u16,
    minor_digits: u8,
    name: &'a str,
}

fn parse_row(line: &str) -> Option<Row<'_>> {
    let mut fields = line.splitn(4, ',');
    let (code, numeric, minor_digits, name) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    let row = Row {
        code,
        numeric: numeric.parse().ok().filter(|number| *number < 1000 && numeric.len() == 3)?,
        minor_digits: minor_digits.parse().ok().filter(|digits| *digits <= 4)?,
        name,
    };
    (is_code && !name.is_empty()).then_some(row)
}

fn main() {
    println!("cargo::rerun-if-changed={SOURCE}");
    println!("cargo::rerun-if-changed=build.rs");
    let text = fs::read_to_string(SOURCE).expect("the currency list is part of the crate");
    let mut by_code = BTreeMap::new();
    let mut numbers = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let row = parse_row(line).unwrap_or_else(|| panic!("{SOURCE}: malformed row: {line}"));
        let first = numbers.insert(row.numeric, row.code);
        assert!(first.is_none(), "{SOURCE}: number given twice: {line}");
        let first = by_code.insert(row.code, row);
        assert!(first.is_none(), "{SOURCE}: code given twice: {line}");
    }
    assert!(by_code.len() < 255, "{SOURCE}: positions are kept in a byte");

    let mut table = format!("static TABLE: [Record; {}] = [\n", by_code.len());
    let mut constants = String::from("impl Currency {\n");
    let mut positions = [u8::MAX; 1000];
    for (position, row) in (0_u8..).zip(by_code.values()) {
        let Row { code, numeric, minor_digits, name } = row;
        positions[usize::from(*numeric)] = position;
        let record =
            format!("Record {{ code: {code:?}, numeric: {numeric}, minor_digits: {minor_digits}, name: {name:?} }}");
        writeln!(table, "    {record},").expect("a String takes any text");
        writeln!(
            constants,
            "    /// {name} ({numeric:03}, {minor_digits} minor digits).\n    pub const {code}: Currency = Currency({numeric});"
        )
        .expect("a String takes any text");
    }
    let generated = format!("{table}];\n\nstatic POSITION_BY_NUMERIC: [u8; 1000] = {positions:?};\n\n{constants}}}\n");
    let folder = env::var("OUT_DIR").expect("cargo sets OUT_DIR for build scripts");
    fs::write(Path::new(&folder).join("currency_table.rs"), generated).expect("the output folder is writable");
}
