//! Lengths, as a ratchet: nothing new is long, and what is long may only become shorter.

use super::rust_text::{block_length, code_only, is_word};
use super::tree::Tree;

/// The longest file, lines.
const FILE_LINES_MAX: usize = 600;

/// The longest function, lines from `fn` to its closing brace.
const FUNCTION_LINES_MAX: usize = 100;

/// Files that are longer, with their length. Lower the number when one becomes shorter; add none.
const LONG_FILES: &[(&str, usize)] = &[];

/// Functions that are longer, as `path fn name`, with their length. Lower the number when one becomes shorter; add none.
const LONG_FUNCTIONS: &[(&str, usize)] = &[];

/// What is too long, and exceptions that are larger than needed.
pub fn check(tree: &Tree) -> Vec<String> {
    // Declarations of TypeScript (`.d.ts`) are made by a program.
    let files = tree
        .texts(&["rs", "ts", "svelte", "py", "mjs", "js"])
        .filter(|(path, _)| !path.ends_with(".d.ts"))
        .map(|(path, text)| (path.to_owned(), text.lines().count()));
    let functions = tree.texts(&["rs"]).flat_map(|(path, text)| {
        functions(&code_only(text)).into_iter().map(move |(name, lines)| (format!("{path} fn {name}"), lines))
    });
    let mut findings = ratchet(files, FILE_LINES_MAX, LONG_FILES);
    findings.extend(ratchet(functions, FUNCTION_LINES_MAX, LONG_FUNCTIONS));
    findings
}

fn ratchet(lengths: impl Iterator<Item = (String, usize)>, max: usize, exceptions: &[(&str, usize)]) -> Vec<String> {
    let mut unused: Vec<&str> = exceptions.iter().map(|(place, _)| *place).collect();
    let mut findings = Vec::new();
    for (place, lines) in lengths.filter(|(_, lines)| *lines > max) {
        let exception = exceptions.iter().find(|(name, _)| *name == place).map(|(_, lines)| *lines);
        unused.retain(|name| *name != place);
        match exception {
            None => findings.push(format!("{place}: {lines} lines, at most {max}")),
            Some(known) if lines > known => {
                findings.push(format!("{place}: {lines} lines, it had {known} and may only become shorter"));
            }
            Some(known) if lines < known => {
                findings.push(format!("{place}: {lines} lines; lower its exception in lengths.rs from {known}"));
            }
            Some(_) => {}
        }
    }
    findings.extend(unused.iter().map(|place| format!("{place}: no longer too long; remove its exception")));
    findings
}

/// The functions of blanked Rust code that have a body, with their length in lines.
fn functions(code: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        if code[..at].chars().next_back().is_some_and(is_word) {
            continue;
        }
        let name: String = code[at + 3..].chars().take_while(|character| is_word(*character)).collect();
        if let Some(body) = body(&code[at..]).filter(|_| !name.is_empty()) {
            let end = at + body + block_length(&code[at + body..]);
            found.push((name, code[at..end].lines().count()));
        }
    }
    found
}

/// Where the body of a function begins; none if a `;` comes first. Array types and defaults in brackets hide theirs.
fn body(code: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, character) in code.char_indices() {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '{' if depth == 0 => return Some(at),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_measured() {
        let code = "trait T {\n fn none(&self) -> [u8; 4];\n fn two(&self) {\n }\n}\nfn one(f: fn(u8)) -> u8 { 1 }\n";
        assert_eq!(functions(code), [("two".to_owned(), 2), ("one".to_owned(), 1)]);
    }

    #[test]
    fn long_ones_are_found() {
        let long_function = format!("fn long() {{\n{}}}\n", "x();\n".repeat(100));
        let fine_function = format!("fn fine() {{\n{}}}\n", "x();\n".repeat(98));
        let long_file = "\n".repeat(601);
        let fine_file = "\n".repeat(600);
        let tree = Tree::of(&[
            ("a.rs", &long_function),
            ("b.rs", &fine_function),
            ("c.py", &long_file),
            ("d.ts", &fine_file),
            ("e.json", &long_file),
            ("schema.d.ts", &long_file),
        ]);
        assert_eq!(check(&tree), ["c.py: 601 lines, at most 600", "a.rs fn long: 102 lines, at most 100"]);
    }

    #[test]
    fn exceptions_only_shrink() {
        let found = |lines| ratchet([("a.rs".to_owned(), lines)].into_iter(), 600, &[("a.rs", 700)]);
        assert_eq!(found(700), [""; 0]);
        assert_eq!(found(701), ["a.rs: 701 lines, it had 700 and may only become shorter"]);
        assert_eq!(found(650), ["a.rs: 650 lines; lower its exception in lengths.rs from 700"]);
        assert_eq!(found(600), ["a.rs: no longer too long; remove its exception"]);
    }
}
