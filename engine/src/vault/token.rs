//! Tokens: what somebody shows instead of saying again who they are. The vault keeps a keyed digest of each, never its text.
//!
//! One record serves all kinds: bearers of programs, sessions of people, and what the Alipay edge gives an app that a customer
//! has let in. A token is good from the moment its record is durable until it expires or its record is gone; nothing keeps
//! tokens in memory, so a revocation holds for the very next request.

use fjall::PersistMode;
use minicbor::{Decode, Encode};

use super::consent::Scope;
use super::{Vault, VaultError, crypto};

const NS: u64 = 1_000_000_000;
/// How exactly it is known when a token was last used, nanoseconds: an hour says enough, and a write for each request is dear.
const LAST_USED_STEP_NS: u64 = 3_600 * NS;
/// How many tokens of one kind (and one app) somebody has at once, those of programs aside; the oldest makes room. A person has
/// few devices, and whoever signs in again and again must not fill the vault.
const TOKENS_MAX: usize = 20;
/// Random bytes of a token's id.
const ID_BYTES: usize = 10;
/// The longest label, characters.
pub const LABEL_MAX_CHARACTERS: usize = 64;

/// What a token is for. One of another kind is no token there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum TokenKind {
    /// A program's bearer for the API; it does not expire unless it says so.
    #[n(0)]
    Program,
    /// A person's session at the API.
    #[n(1)]
    Session,
    /// A browser's session on the pages of the Alipay edge: good for one order, or one authorisation.
    #[n(2)]
    Page,
    /// A single-use code with which an app gets the two below.
    #[n(3)]
    Code,
    /// An app's token for what a customer has consented to.
    #[n(4)]
    Access,
    /// With which an app gets a new one of those.
    #[n(5)]
    Refresh,
}

/// A customer's word for an app, as its tokens carry it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Grant {
    /// The app.
    #[n(0)]
    pub app: u64,
    /// What it may know.
    #[n(1)]
    pub scope: Scope,
    /// When the customer said so, UTC nanoseconds.
    #[n(2)]
    pub granted_at_ns: u64,
}

/// A token, without its text.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Token {
    /// By which it is listed and revoked: 20 hexadecimal digits. It opens nothing.
    #[n(0)]
    pub id: String,
    /// Whose it is.
    #[n(1)]
    pub party: u64,
    /// What it is for.
    #[n(2)]
    pub kind: TokenKind,
    /// When it was made, UTC nanoseconds; `None` of tokens that are older than this record.
    #[n(3)]
    pub made_at_ns: Option<u64>,
    /// When it was last used, to the hour, UTC nanoseconds.
    #[n(4)]
    pub last_used_at_ns: Option<u64>,
    /// Until when it is good, UTC nanoseconds; `None` until it is revoked.
    #[n(5)]
    pub expires_at_ns: Option<u64>,
    /// What its owner calls it.
    #[n(6)]
    pub label: Option<String>,
    /// For what an app's tokens are.
    #[n(7)]
    pub grant: Option<Grant>,
    /// Of a session: when its owner last proved who they are, UTC nanoseconds; `None` if that was when it was made.
    #[n(8)]
    pub proved_at_ns: Option<u64>,
}

impl Token {
    /// Whether its time is over.
    #[must_use]
    pub fn expired_at(&self, now_ns: u64) -> bool {
        self.expires_at_ns.is_some_and(|expires_at_ns| expires_at_ns <= now_ns)
    }
}

/// A token that is wanted.
#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    /// What its text begins with, by which a reader knows the cell.
    pub prefix: &'a str,
    /// How many random bytes follow, in hexadecimal; at least 16.
    pub random_bytes: usize,
    /// Whose it is.
    pub party: u64,
    /// What it is for.
    pub kind: TokenKind,
    /// The clock, UTC nanoseconds; `None` if the maker has none.
    pub now_ns: Option<u64>,
    /// How long it is good, seconds; `None` until it is revoked.
    pub lifetime_seconds: Option<u64>,
    /// What its owner calls it.
    pub label: Option<String>,
    /// For what an app's tokens are.
    pub grant: Option<Grant>,
}

impl<'a> NewToken<'a> {
    /// A token of 256 random bits.
    #[must_use]
    pub fn new(prefix: &'a str, party: u64, kind: TokenKind) -> Self {
        let (now_ns, lifetime_seconds, label, grant) = (None, None, None, None);
        Self { prefix, random_bytes: 32, party, kind, now_ns, lifetime_seconds, label, grant }
    }
}

impl Vault {
    /// Makes a token: its text, which is told once, and its record. It is good when this returns.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn issue(&self, wanted: NewToken<'_>) -> Result<(String, Token), VaultError> {
        let NewToken { prefix, random_bytes, party, kind, now_ns, lifetime_seconds, label, grant } = wanted;
        let random = crypto::random::<32>()?;
        let text = format!("{prefix}{}", crypto::hex(random.get(..random_bytes.max(16)).unwrap_or(&random)));
        let lifetime_ns = lifetime_seconds.map(|seconds| seconds.saturating_mul(NS));
        let token = Token {
            id: crypto::hex(&crypto::random::<ID_BYTES>()?),
            party,
            kind,
            made_at_ns: now_ns,
            last_used_at_ns: None,
            expires_at_ns: lifetime_ns.map(|lifetime_ns| now_ns.unwrap_or(0).saturating_add(lifetime_ns)),
            label: label.map(|label| label.chars().take(LABEL_MAX_CHARACTERS).collect()),
            grant,
            proved_at_ns: None,
        };
        let _changing = self.changing();
        let mut batch = self.database.batch();
        for old in self.making_room(&token)? {
            batch.remove(&self.entries, entry(&old.0));
            batch.remove(&self.entries, format!("{}{}", index(party), old.1));
        }
        let digest = self.digest("token", text.as_bytes());
        batch.insert(&self.entries, entry(&digest), self.sealed(&digest, &token)?);
        batch.insert(&self.entries, format!("{}{}", index(party), token.id), digest.as_slice());
        batch.commit()?;
        self.database.persist(PersistMode::SyncAll)?;
        Ok((text, token))
    }

    /// Those that go when `new` comes: all that have expired, and the oldest of its kind if there are too many.
    fn making_room(&self, new: &Token) -> Result<Vec<([u8; 32], String)>, VaultError> {
        if new.kind == TokenKind::Program {
            return Ok(Vec::new());
        }
        let (now_ns, mut gone, mut alike) = (new.made_at_ns.unwrap_or(0), Vec::new(), Vec::new());
        for (digest, token) in self.tokens_with_digests(new.party)? {
            let app = |token: &Token| token.grant.map(|grant| grant.app);
            if token.expired_at(now_ns) {
                gone.push((digest, token.id));
            } else if token.kind == new.kind && app(&token) == app(new) {
                alike.push((token.made_at_ns, digest, token.id));
            }
        }
        alike.sort();
        let surplus = (alike.len() + 1).saturating_sub(TOKENS_MAX);
        gone.extend(alike.into_iter().take(surplus).map(|(_, digest, id)| (digest, id)));
        Ok(gone)
    }

    /// The token of this text, if it is one and good at `now_ns`. That it was used is noted, to the hour.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn token(&self, text: &str, now_ns: u64) -> Result<Option<Token>, VaultError> {
        let digest = self.digest("token", text.as_bytes());
        let Some(token) = self.read_token(&digest)?.filter(|token| !token.expired_at(now_ns)) else { return Ok(None) };
        let used_ns = now_ns - now_ns % LAST_USED_STEP_NS;
        if token.last_used_at_ns.is_some_and(|last_ns| last_ns >= used_ns) && !token.id.is_empty() {
            return Ok(Some(token));
        }
        let _changing = self.changing();
        // Read again: it may have been revoked meanwhile, and must not come back.
        let Some(mut token) = self.read_token(&digest)? else { return Ok(None) };
        let is_old = token.id.is_empty();
        if is_old {
            token.id = crypto::hex(&crypto::random::<ID_BYTES>()?);
        }
        token.last_used_at_ns = Some(used_ns);
        let mut batch = self.database.batch();
        batch.insert(&self.entries, entry(&digest), self.sealed(&digest, &token)?);
        if is_old {
            batch.insert(&self.entries, format!("{}{}", index(token.party), token.id), digest.as_slice());
        }
        // Not synced: what a crash loses of this is noted again by the next use.
        batch.commit()?;
        Ok(Some(token))
    }

    /// The token of this text, good or expired; that it was looked at is not noted.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn find_token(&self, text: &str) -> Result<Option<Token>, VaultError> {
        self.read_token(&self.digest("token", text.as_bytes()))
    }

    /// The token of this text, which is good no more: a second taker finds nothing.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn take_token(&self, text: &str, now_ns: u64) -> Result<Option<Token>, VaultError> {
        let digest = self.digest("token", text.as_bytes());
        let _changing = self.changing();
        let Some(token) = self.read_token(&digest)? else { return Ok(None) };
        self.remove_tokens(&[(digest, token.clone())])?;
        Ok(Some(token).filter(|token| !token.expired_at(now_ns)))
    }

    /// Notes of a session that its owner has just proved who they are. Says whether the session is still there.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn prove_session(&self, party: u64, id: &str, now_ns: u64) -> Result<bool, VaultError> {
        let _changing = self.changing();
        let Some(digest) = self.entries.get(format!("{}{id}", index(party)))? else { return Ok(false) };
        let digest: [u8; 32] = digest.as_ref().try_into().map_err(|_| VaultError::DoesNotOpen)?;
        let Some(token) = self.read_token(&digest)?.filter(|token| token.kind == TokenKind::Session) else {
            return Ok(false);
        };
        let token = Token { proved_at_ns: Some(now_ns), ..token };
        // Not synced: after a crash one proves it once more.
        self.entries.insert(entry(&digest), self.sealed(&digest, &token)?)?;
        Ok(true)
    }

    /// All tokens of a party that are good at `now_ns`.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn tokens(&self, party: u64, now_ns: u64) -> Result<Vec<Token>, VaultError> {
        let mut tokens: Vec<Token> = self.tokens_with_digests(party)?.into_iter().map(|(_, token)| token).collect();
        tokens.retain(|token| !token.expired_at(now_ns));
        tokens.sort_by_key(|token| token.made_at_ns);
        Ok(tokens)
    }

    /// Revokes those of a party's tokens that `which` names, and gives them back; none of them is good once this returns.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn revoke_tokens(&self, party: u64, which: impl Fn(&Token) -> bool) -> Result<Vec<Token>, VaultError> {
        let _changing = self.changing();
        let mut gone = self.tokens_with_digests(party)?;
        gone.retain(|(_, token)| which(token));
        self.remove_tokens(&gone)?;
        Ok(gone.into_iter().map(|(_, token)| token).collect())
    }

    /// Makes a bearer token for a party; the vault keeps only its digest.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn issue_token(&self, party: u64) -> Result<String, VaultError> {
        self.issue(NewToken::new("", party, TokenKind::Program)).map(|(text, _)| text)
    }

    fn remove_tokens(&self, gone: &[([u8; 32], Token)]) -> Result<(), VaultError> {
        let mut batch = self.database.batch();
        for (digest, token) in gone {
            batch.remove(&self.entries, entry(digest));
            batch.remove(&self.entries, format!("{}{}", index(token.party), token.id));
        }
        batch.commit()?;
        Ok(self.database.persist(PersistMode::SyncAll)?)
    }

    fn tokens_with_digests(&self, party: u64) -> Result<Vec<([u8; 32], Token)>, VaultError> {
        let mut tokens = Vec::new();
        for guard in self.entries.prefix(index(party).as_bytes()) {
            let (_, digest) = guard.into_inner()?;
            let digest: [u8; 32] = digest.as_ref().try_into().map_err(|_| VaultError::DoesNotOpen)?;
            tokens.extend(self.read_token(&digest)?.map(|token| (digest, token)));
        }
        Ok(tokens)
    }

    /// A record. One of before there were records is eight bytes, its party; it gets an id when it is next used.
    fn read_token(&self, digest: &[u8; 32]) -> Result<Option<Token>, VaultError> {
        let Some(bytes) = self.entries.get(entry(digest))? else { return Ok(None) };
        if let Ok(party) = <[u8; 8]>::try_from(bytes.as_ref()) {
            return Ok(Some(Token {
                id: String::new(),
                party: u64::from_be_bytes(party),
                kind: TokenKind::Program,
                made_at_ns: None,
                last_used_at_ns: None,
                expires_at_ns: None,
                label: None,
                grant: None,
                proved_at_ns: None,
            }));
        }
        let opened = self.key.open(&sealing_name(digest), &bytes)?;
        minicbor::decode(&opened).map(Some).map_err(|_| VaultError::DoesNotOpen)
    }

    fn sealed(&self, digest: &[u8; 32], token: &Token) -> Result<Vec<u8>, VaultError> {
        Ok(self.key.seal(&sealing_name(digest), &sycee_contract::encode(token))?.0)
    }
}

fn entry(digest: &[u8; 32]) -> Vec<u8> {
    [b"token/".as_slice(), digest].concat()
}

fn sealing_name(digest: &[u8; 32]) -> String {
    format!("token/{}", crypto::hex(digest))
}

fn index(party: u64) -> String {
    format!("token-of/{party:020}/")
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const HOUR_NS: u64 = 3_600 * NS;

    fn vault() -> (TempDir, Vault) {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(&folder.path().join("vault"), &folder.path().join("key"), true).unwrap();
        (folder, vault)
    }

    fn session(party: u64, now_ns: u64) -> NewToken<'static> {
        let wanted = NewToken::new("t07", party, TokenKind::Session);
        NewToken { now_ns: Some(now_ns), lifetime_seconds: Some(60), label: Some("Anna's phone".into()), ..wanted }
    }

    #[test]
    fn a_token_is_good_until_it_expires_and_is_listed_without_its_text() {
        let (_folder, vault) = vault();
        let (text, made) = vault.issue(session(1, 5)).unwrap();
        assert!(text.starts_with("t07") && text.len() == 67 && made.id.len() == 20);
        assert_eq!((made.made_at_ns, made.expires_at_ns), (Some(5), Some(60 * NS + 5)));
        assert_eq!(vault.token(&text, 60 * NS + 4).unwrap().map(|token| token.id), Some(made.id.clone()));
        assert_eq!(vault.token(&text, 60 * NS + 5).unwrap(), None, "its time is over");
        assert_eq!(vault.token(&text[..66], 5).unwrap(), None);
        let listed = vault.tokens(1, 6).unwrap();
        assert_eq!((listed.len(), listed[0].label.as_deref()), (1, Some("Anna's phone")));
        assert!(!format!("{listed:?}").contains(&text[3..]));
        assert_eq!(vault.tokens(11, 6).unwrap(), []);
    }

    #[test]
    fn a_revoked_token_is_gone_at_once_and_only_it() {
        let (_folder, vault) = vault();
        let (one, first) = vault.issue(session(1, 0)).unwrap();
        let (other, _) = vault.issue(session(1, 0)).unwrap();
        let (stranger, _) = vault.issue(session(11, 0)).unwrap();
        assert!(vault.revoke_tokens(11, |token| token.id == first.id).unwrap().is_empty(), "another's");
        assert_eq!(vault.revoke_tokens(1, |token| token.id == first.id).unwrap().len(), 1);
        assert_eq!(vault.token(&one, 1).unwrap(), None);
        for text in [other, stranger] {
            assert!(vault.token(&text, 1).unwrap().is_some());
        }
    }

    #[test]
    fn a_session_remembers_when_its_owner_proved_who_they_are() {
        let (_folder, vault) = vault();
        let (text, made) = vault.issue(session(1, 5)).unwrap();
        let proved = |text: &str| vault.token(text, 6).unwrap().unwrap().proved_at_ns;
        assert_eq!(proved(&text), None);
        assert!(!vault.prove_session(2, &made.id, 7).unwrap(), "another's");
        assert!(vault.prove_session(1, &made.id, 7).unwrap());
        assert_eq!(proved(&text), Some(7));
        let (program, made) = vault.issue(NewToken::new("t07", 1, TokenKind::Program)).unwrap();
        assert!(!vault.prove_session(1, &made.id, 7).unwrap());
        assert_eq!(proved(&program), None);
    }

    #[test]
    fn a_code_is_taken_once() {
        let (_folder, vault) = vault();
        let (text, _) = vault.issue(session(1, 0)).unwrap();
        assert!(vault.take_token(&text, 1).unwrap().is_some());
        assert_eq!(vault.take_token(&text, 1).unwrap(), None);
        let (late, _) = vault.issue(session(1, 0)).unwrap();
        assert_eq!(vault.take_token(&late, 61 * NS).unwrap(), None);
    }

    #[test]
    fn the_oldest_session_makes_room_and_what_has_expired_goes() {
        let (_folder, vault) = vault();
        let at = |minute: usize| u64::try_from(minute).unwrap() * NS;
        let texts: Vec<String> = (0..TOKENS_MAX + 2).map(|n| vault.issue(session(1, at(n))).unwrap().0).collect();
        let good = |text: &String| vault.token(text, at(30)).unwrap().is_some();
        assert_eq!(texts.iter().map(good).collect::<Vec<_>>()[..4], [false, false, true, true]);
        assert_eq!(vault.tokens(1, at(30)).unwrap().len(), TOKENS_MAX);
        vault.issue(session(1, at(500))).unwrap();
        assert_eq!(vault.tokens_with_digests(1).unwrap().len(), 1, "the expired ones are gone from the store");
    }

    #[test]
    fn tokens_of_before_there_were_records_go_on_and_can_then_be_revoked() {
        let (_folder, vault) = vault();
        let digest = vault.digest("token", b"t07old");
        vault.entries.insert(entry(&digest), 9_u64.to_be_bytes().as_slice()).unwrap();
        let token = vault.token("t07old", HOUR_NS).unwrap().unwrap();
        assert_eq!((token.party, token.kind, token.made_at_ns, token.id.len()), (9, TokenKind::Program, None, 20));
        assert_eq!(vault.tokens(9, 0).unwrap(), std::slice::from_ref(&token));
        vault.revoke_tokens(9, |listed| listed.id == token.id).unwrap();
        assert_eq!(vault.token("t07old", HOUR_NS).unwrap(), None);
    }

    #[test]
    fn the_last_use_is_noted_to_the_hour() {
        let (_folder, vault) = vault();
        let (text, _) = vault.issue(NewToken::new("", 1, TokenKind::Program)).unwrap();
        for (now_ns, expected_ns) in [(HOUR_NS + 7, HOUR_NS), (2 * HOUR_NS - 1, HOUR_NS), (5 * HOUR_NS, 5 * HOUR_NS)] {
            vault.token(&text, now_ns).unwrap();
            assert_eq!(vault.tokens(1, 0).unwrap()[0].last_used_at_ns, Some(expected_ns));
        }
    }
}
