//! A person's browser on the pages: it keeps its cookie, fills in forms and follows redirects of this server.

use std::cell::RefCell;

use form_urlencoded::Serializer;

use crate::client::Answer;
use crate::world::TestWorld;

/// A browser with one cookie.
pub struct Visitor<'a> {
    pub world: &'a TestWorld,
    pub cookie: RefCell<Option<String>>,
    /// More header lines.
    pub lines: String,
}

/// What stands between the first `before` and the next `after`.
pub fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// A form of a page: where it goes, and its hidden fields.
pub struct Form {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Form {
    pub fn of(page: &Answer) -> Self {
        let form = between(&page.body, "<form ", "</form>").unwrap_or_else(|| panic!("no form in {}", page.body));
        let hidden = form.split("<input type=\"hidden\" ").skip(1);
        let field = |text: &str| {
            (unescaped(between(text, "name=\"", "\"").unwrap()), unescaped(between(text, "value=\"", "\"").unwrap()))
        };
        Self { action: unescaped(between(form, "action=\"", "\"").unwrap()), fields: hidden.map(field).collect() }
    }

    pub fn with(mut self, fields: &[(&str, &str)]) -> Self {
        self.fields.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self
    }

    pub fn body(&self) -> String {
        Serializer::new(String::new()).extend_pairs(&self.fields).finish()
    }
}

impl<'a> Visitor<'a> {
    pub fn new(world: &'a TestWorld) -> Self {
        Self { world, cookie: RefCell::default(), lines: String::new() }
    }

    /// The cookie, to be stolen.
    pub fn cookie(&self) -> Option<String> {
        self.cookie.borrow().clone()
    }

    async fn request(&self, verb: &str, target: &str, body: &str) -> Answer {
        let cookie = self.cookie().map(|cookie| format!("cookie: {cookie}\r\n")).unwrap_or_default();
        let lines = format!("content-type: application/x-www-form-urlencoded\r\n{}{cookie}", self.lines);
        let answer = self.world.request_with(verb, target, &lines, body).await;
        if let Some(set) = answer.header("set-cookie") {
            assert!(set.contains("; HttpOnly; SameSite=Strict") && set.contains("; Path=/"), "{set}");
            *self.cookie.borrow_mut() = set.split(';').next().map(str::to_owned);
        }
        answer
    }

    /// Opens a page, and goes where this server sends one.
    pub async fn open(&self, target: &str) -> Answer {
        let mut answer = self.request("GET", target, "").await;
        while answer.status == 303 {
            let next = answer.header("location").unwrap().to_owned();
            answer = self.request("GET", &next, "").await;
        }
        answer
    }

    /// Sends a form, and goes where this server sends one.
    pub async fn send(&self, form: &Form) -> Answer {
        let answer = self.request("POST", &form.action, &form.body()).await;
        if answer.status == 303 { self.open(answer.header("location").unwrap()).await } else { answer }
    }

    /// Signs in on a page that asks for it.
    pub async fn sign_in(&self, page: &Answer, login: &str, pin: &str, wallet: &str) -> Answer {
        self.send(&Form::of(page).with(&[("login", login), ("pin", pin), ("wallet", wallet)])).await
    }
}
