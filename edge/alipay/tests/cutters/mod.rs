//! How five published clients cut the signed text out of an answer, as their sources do it (described in the project's
//! notes on the protocol, written anew here). Each gives the text that it would verify, or nothing when it gives up.

/// A client and its way of cutting.
pub struct Cutter {
    pub client: &'static str,
    pub cut: fn(body: &str, response_key: &str) -> Option<String>,
}

pub const ALL: &[Cutter] = &[
    Cutter { client: "official Python", cut: official_python },
    Cutter { client: "community Python", cut: community_python },
    Cutter { client: "official Node", cut: official_node },
    Cutter { client: "gopay", cut: gopay },
    Cutter { client: "smartwalle", cut: smartwalle },
];

/// From the first match of `"[A-Za-z_]+_response"\s*:\s*{` to the last match of `}\s*,\s*"sign"\s*:\s*"`. The client
/// takes single quotes for double ones too. Whatever lies between belongs to the text, certificates' serials included,
/// so that this client has no certificate mode here.
fn official_python(body: &str, _response_key: &str) -> Option<String> {
    let begin = positions(body).find(|at| matches_response_begin(&body[*at..]).is_some())?;
    let node_at = begin + matches_response_begin(&body[begin..])?;
    let end = positions(body).filter(|at| matches_sign_begin(&body[*at..])).last()?;
    body.get(node_at..=end).map(str::to_owned)
}

fn positions(body: &str) -> impl Iterator<Item = usize> {
    body.char_indices().map(|(at, _)| at)
}

fn without_quote(text: &str) -> Option<&str> {
    text.strip_prefix(['"', '\''])
}

/// The length of the match up to its last character, the brace.
fn matches_response_begin(text: &str) -> Option<usize> {
    let word = without_quote(text)?;
    let after_word = word.trim_start_matches(|character: char| character.is_ascii_alphabetic() || character == '_');
    let name = &word[..word.len() - after_word.len()];
    if name.len() <= "_response".len() || !name.ends_with("_response") {
        return None;
    }
    let rest = without_quote(after_word)?.trim_start().strip_prefix(':')?.trim_start();
    rest.starts_with('{').then(|| text.len() - rest.len())
}

fn matches_sign_begin(text: &str) -> bool {
    let matched = || {
        let rest = text.strip_prefix('}')?.trim_start().strip_prefix(',')?.trim_start();
        let rest = without_quote(rest)?.strip_prefix("sign")?;
        without_quote(without_quote(rest)?.trim_start().strip_prefix(':')?.trim_start())
    };
    matched().is_some()
}

/// From the first `{` after the first mention of the key, counting braces, quotes or not.
fn community_python(body: &str, response_key: &str) -> Option<String> {
    let key_at = body.find(response_key)?;
    let left = key_at + body[key_at..].find('{')?;
    let mut open = 0;
    for (at, byte) in body.bytes().enumerate().skip(left) {
        match byte {
            b'{' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return body.get(left..=at).map(str::to_owned);
        }
    }
    None
}

/// From the key to the last `"sign"`, trimmed to the outer braces.
fn official_node(body: &str, response_key: &str) -> Option<String> {
    let start = body.find(&format!("{response_key}\""))? + response_key.len() + 1;
    let between = body.get(start..body.rfind("\"sign\"")?)?;
    let (left, right) = (between.find('{')?, between.rfind('}')?);
    between.get(left..=right).map(str::to_owned)
}

/// From the first `_response":` to the first `,"sign":`, or `,"alipay_cert_sn":` in certificate mode; no white space.
fn gopay(body: &str, _response_key: &str) -> Option<String> {
    let (_, after_key) = body.split_once("_response\":")?;
    let end = after_key.find(",\"alipay_cert_sn\":").or_else(|| after_key.find(",\"sign\":"))?;
    after_key.get(..end).map(str::to_owned)
}

/// The raw JSON value behind the key, found by a reader that knows strings.
fn smartwalle(body: &str, response_key: &str) -> Option<String> {
    let value = body.strip_prefix(&format!("{{\"{response_key}\":"))?;
    let (mut open, mut in_string, mut escaped) = (0, false, false);
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' if !in_string => open += 1,
            b'}' if !in_string => open -= 1,
            _ => {}
        }
        if open == 0 {
            return value.get(..=at).map(str::to_owned);
        }
    }
    None
}

/// The raw text of the sign, as smartwalle slices it: what stands between the quotes after `"sign":`, not unescaped.
pub fn raw_sign(body: &str) -> Option<&str> {
    body.rsplit_once("\"sign\":\"")?.1.strip_suffix("\"}")
}
