//! Rust source as the checks read it: with comments, strings and tests blanked, line by line as it was.

/// `source` with comments and the insides of literals replaced by spaces; every line keeps its number.
pub fn code_only(source: &str) -> String {
    let mut blank = Blank { rest: source, code: String::with_capacity(source.len()) };
    while !blank.rest.is_empty() {
        blank.step();
    }
    blank.code
}

struct Blank<'s> {
    rest: &'s str,
    code: String,
}

impl Blank<'_> {
    fn step(&mut self) {
        if self.rest.starts_with("//") {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            return self.hide(end);
        }
        if self.rest.starts_with("/*") {
            return self.hide(block_comment(self.rest));
        }
        let after_word = self.code.chars().next_back().is_some_and(is_word);
        if let Some(length) = raw_string(self.rest).filter(|_| !after_word) {
            return self.hide(length);
        }
        if self.rest.starts_with('"') {
            return self.hide(quoted(self.rest));
        }
        if let Some(length) = character(self.rest) {
            return self.hide(length);
        }
        let mut characters = self.rest.chars();
        self.code.extend(characters.next());
        self.rest = characters.as_str();
    }

    fn hide(&mut self, length: usize) {
        let (hidden, rest) = self.rest.split_at(length);
        self.code.extend(hidden.chars().map(|character| if character == '\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }
}

/// Whether it may stand inside an identifier or a number.
pub fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// `r"…"`, `r#"…"#`, `br"…"`.
fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix('b').unwrap_or(text).strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let inside = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = text.len() - inside.len();
    Some(inside.find(&end).map_or(text.len(), |at| start + at + end.len()))
}

fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A character literal; a lifetime is none.
fn character(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('\'')?;
    let mut characters = inside.char_indices();
    let (_, first) = characters.next()?;
    if first == '\\' {
        // The escaped character may be a quote: begin to look after it.
        let (after, _) = characters.nth(1)?;
        return inside[after..].find('\'').map(|at| 1 + after + at + 1);
    }
    let (at, second) = characters.next()?;
    (second == '\'').then_some(1 + at + 1)
}

/// `code` (already blanked) without what stands behind `#[cfg(test)]`: up to the end of the next block or statement.
pub fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find(MARK) {
        kept.push_str(&rest[..at]);
        let after = &rest[at..];
        let length = item_length(after);
        kept.extend(after[..length].chars().filter(|character| *character == '\n'));
        rest = &after[length..];
    }
    kept.push_str(rest);
    kept
}

/// The length of an item of blanked code: to the `;` or the closing brace that ends it.
fn item_length(code: &str) -> usize {
    for (at, character) in code.char_indices() {
        match character {
            ';' => return at + 1,
            '{' => return at + block_length(&code[at..]),
            _ => {}
        }
    }
    code.len()
}

/// The length of the block with which blanked code begins.
pub fn block_length(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, character) in code.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}

/// Whether `word` stands in `line` as a whole word.
pub fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blank() {
        for (source, code) in [
            ("a // f64\nb", "a       \nb"),
            ("a /* x /* y */ z */ b", "a                   b"),
            (r#"let s = "f64 \" {";"#, r"let s =           ;"),
            (r##"r#"a"b"# c"##, "         c"),
            (r"'{' 'a '\'' '\u{7f}' b", "    'a               b"),
            ("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}"),
            ("for r in r\"x\"", "for r in     "),
            ("/* never closed", "               "),
            ("\"never closed", "             "),
        ] {
            assert_eq!(code_only(source), code, "{source}");
        }
    }

    #[test]
    fn tests_are_left_out() {
        let code = "a\n#[cfg(test)]\nmod tests;\nb\n#[cfg(test)]\nmod more { fn f() { f64 } }\nc";
        assert_eq!(without_tests(code), "a\n\n\nb\n\n\nc");
        assert_eq!(without_tests(code).lines().count(), code.lines().count());
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("x: f64,", "f64"));
        assert!(!has_word("leaf64 f64x", "f64"));
    }
}
