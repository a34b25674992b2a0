//! Reading server-sent events (WHATWG HTML, section 9.2), as far as this server writes them.

/// The longest message that is read, bytes: the server's own are far shorter.
const MESSAGE_MAX_BYTES: usize = 1 << 20;

/// A message of a stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// The id behind which the stream goes on.
    pub id: String,
    /// What it says.
    pub data: String,
}

/// What has come of a stream and is no whole message yet.
#[derive(Default)]
pub struct Reader {
    rest: Vec<u8>,
    id: String,
    data: String,
}

impl Reader {
    /// The last id that came, with or without data; empty before the first.
    #[must_use]
    pub fn last_id(&self) -> &str {
        &self.id
    }

    /// Forgets the beginning of a message that was cut off.
    pub fn cut_off(&mut self) {
        self.rest.clear();
        self.data.clear();
    }

    /// Takes what has come; gives back the messages that are whole with it.
    ///
    /// # Errors
    /// One line: a message is longer than any of the server's.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Vec<Message>, String> {
        self.rest.extend_from_slice(bytes);
        let mut messages = Vec::new();
        let mut begin = 0;
        while let Some(length) = self.rest.get(begin..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n')) {
            let line = self.rest.get(begin..begin + length).unwrap_or_default();
            let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned();
            begin += length + 1;
            if line.is_empty() {
                if !self.data.is_empty() {
                    messages.push(Message { id: self.id.clone(), data: std::mem::take(&mut self.data) });
                }
                continue;
            }
            self.line(&line);
        }
        self.rest.drain(..begin);
        if self.rest.len() + self.data.len() > MESSAGE_MAX_BYTES {
            return Err(format!("the stream has a message of more than {MESSAGE_MAX_BYTES} bytes"));
        }
        Ok(messages)
    }

    fn line(&mut self, line: &str) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            "data" => {
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            // A comment, or what this reader has no use for.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_whole_however_they_are_cut() {
        let text = "retry: 1000\n\n: alive\n\nid: a\ndata: one\n\nid: b\n\nid:c\r\ndata:two\r\ndata: three\r\n\r\n\
                    id: d\ndata: fo";
        let expected = [("a", "one"), ("c", "two\nthree")];
        for size in 1..text.len() {
            let mut reader = Reader::default();
            let mut messages = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                messages.extend(reader.take(piece).unwrap());
            }
            let seen: Vec<_> = messages.iter().map(|message| (message.id.as_str(), message.data.as_str())).collect();
            assert_eq!(seen, expected, "{size}");
            reader.cut_off();
            let more = reader.take(b"id: e\ndata: five\n\n").unwrap();
            assert_eq!(more, [Message { id: "e".into(), data: "five".into() }], "{size}");
        }
    }

    #[test]
    fn an_id_without_data_moves_the_place_and_says_nothing() {
        let mut reader = Reader::default();
        assert_eq!(reader.take(b"id: x\n\n").unwrap(), []);
        assert_eq!(reader.last_id(), "x");
    }

    #[test]
    fn what_never_ends_is_refused() {
        let mut reader = Reader::default();
        let piece = vec![b'x'; 1 << 16];
        assert!((0..32).any(|_| reader.take(&piece).is_err()));
    }
}
