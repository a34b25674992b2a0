//! The same JSON as other writers write it.

use serde_json::Value;

/// Blanks between the tokens of JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blanks {
    AsSent,
    None,
    /// As Python's `json.dumps` has them.
    Python,
}

/// What is escaped in strings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    AsSent,
    /// Beyond ASCII as `\uXXXX`.
    Ascii,
    /// `\uXXXX` as the character.
    Plain,
    /// `/` as `\/`.
    Slashes,
    /// `\/` as `/`.
    NoSlashes,
}

/// Other forms of a text, each with how it is written. Empty if it is no JSON.
pub fn of(sent: &str) -> Vec<(String, &'static str)> {
    let Ok(value) = serde_json::from_str::<Value>(sent) else { return Vec::new() };
    let mut forms = Vec::new();
    let blanks = [
        (Blanks::AsSent, ""),
        (Blanks::None, "without blanks between its parts"),
        (Blanks::Python, "with blanks behind , and :"),
    ];
    let escapes = [
        (Escapes::AsSent, ""),
        (Escapes::Ascii, "with characters beyond ASCII escaped"),
        (Escapes::Plain, "with characters beyond ASCII as they are"),
        (Escapes::Slashes, "with slashes escaped"),
        (Escapes::NoSlashes, "with slashes as they are"),
    ];
    for (blank, how_blank) in blanks {
        for (escape, how_escape) in escapes {
            let how = if how_escape.is_empty() { how_blank } else { how_escape };
            forms.push((with(sent, blank, escape), how));
        }
    }
    // Numbers and escapes are kept by the forms above; only a form that none of them has tells of sorted names.
    let sorted = value.to_string();
    let sorted_python = with(&sorted, Blanks::Python, Escapes::AsSent);
    forms.push((sorted, "without blanks and with its names sorted"));
    forms.push((sorted_python, "with its names sorted, and blanks behind , and :"));
    forms.retain(|(form, _)| form != sent);
    forms
}

/// Writes JSON anew, token by token; the text is valid JSON.
fn with(json: &str, blanks: Blanks, escapes: Escapes) -> String {
    let (mut out, mut rest, mut in_string) = (String::with_capacity(json.len()), json.chars(), false);
    while let Some(character) = rest.next() {
        if in_string {
            match character {
                '"' => {
                    in_string = false;
                    out.push('"');
                }
                '\\' => escaped(&mut out, &mut rest, escapes),
                '/' if escapes == Escapes::Slashes => out.push_str("\\/"),
                _ if escapes == Escapes::Ascii && !character.is_ascii() => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        out.push_str(&format!("\\u{unit:04x}"));
                    }
                }
                _ => out.push(character),
            }
            continue;
        }
        match character {
            '"' => {
                in_string = true;
                out.push('"');
            }
            ' ' | '\t' | '\n' | '\r' if blanks != Blanks::AsSent => {}
            ',' | ':' if blanks == Blanks::Python => {
                out.push(character);
                out.push(' ');
            }
            _ => out.push(character),
        }
    }
    out
}

/// What follows a backslash in a string.
fn escaped(out: &mut String, rest: &mut std::str::Chars<'_>, escapes: Escapes) {
    match rest.next() {
        Some('/') if escapes == Escapes::NoSlashes => out.push('/'),
        Some('u') if escapes == Escapes::Plain => {
            let mut units = vec![unit(rest)];
            // The second half of a character beyond the first plane.
            if units[0].is_some_and(|unit| (0xD800..0xDC00).contains(&unit)) && rest.as_str().starts_with("\\u") {
                rest.nth(1);
                units.push(unit(rest));
            }
            let units: Vec<u16> = units.into_iter().flatten().collect();
            match String::from_utf16(&units) {
                Ok(text) if text.chars().all(|character| !character.is_ascii()) => out.push_str(&text),
                _ => units.iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
            }
        }
        Some(character) => {
            out.push('\\');
            out.push(character);
        }
        None => out.push('\\'),
    }
}

fn unit(rest: &mut std::str::Chars<'_>) -> Option<u16> {
    let digits: String = rest.take(4).collect();
    u16::from_str_radix(&digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_written_as_other_writers_write_it() {
        let sent = r#"{"b": "caf\u00e9 a/b, c: \"d\"","a":[1, 2.50]}"#;
        let forms = of(sent);
        let expected = [
            r#"{"a":[1,2.50],"b":"café a/b, c: \"d\""}"#,
            r#"{"b":"caf\u00e9 a/b, c: \"d\"","a":[1,2.50]}"#,
            r#"{"b": "caf\u00e9 a/b, c: \"d\"", "a": [1, 2.50]}"#,
            r#"{"b": "café a/b, c: \"d\"","a":[1, 2.50]}"#,
            r#"{"b":"caf\u00e9 a\/b, c: \"d\"","a":[1,2.50]}"#,
        ];
        for form in expected {
            assert!(forms.iter().any(|(found, _)| found == form), "{form}: {forms:?}");
        }
        assert!(forms.iter().all(|(form, how)| form != sent && !how.is_empty()));
        for (form, _) in &forms {
            let value: Value = serde_json::from_str(form).unwrap();
            assert_eq!(value, serde_json::from_str::<Value>(sent).unwrap(), "{form}");
        }
        assert!(of("{").is_empty());
    }

    #[test]
    fn characters_beyond_the_first_plane_go_both_ways() {
        let (plain, ascii) = ("\"\u{1F35E}\u{e9}\"", r#""\ud83c\udf5e\u00e9""#);
        assert_eq!(with(plain, Blanks::None, Escapes::Ascii), ascii);
        assert_eq!(with(ascii, Blanks::None, Escapes::Plain), plain);
        for odd in [r#""\ud83c""#, r#""\u0041\\u00e9""#, r#""\ud83c\n""#] {
            let _ = with(odd, Blanks::Python, Escapes::Plain);
        }
    }
}
