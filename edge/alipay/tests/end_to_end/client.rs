//! A merchant's client: signs what it sends and checks what it reads, as the platform's documentation says.

use form_urlencoded::Serializer;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::world::{Shop, TestWorld};

/// An HTTP answer.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The value of a header, by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

/// Where the parameters of a request stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Split {
    Query,
    Body,
    ContentInBody,
}

/// The parameters of a call, signed by the shop's app.
pub fn signed_parameters(shop: &Shop, method: &str, content: &Value, more: &[(&str, &str)]) -> Vec<(String, String)> {
    signed_text(shop, method, &content.to_string(), more)
}

/// The same with `biz_content` as it goes on the wire.
pub fn signed_text(shop: &Shop, method: &str, content: &str, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let content = [("biz_content", content)];
    signed_fields(shop, method, &content.iter().chain(more).copied().collect::<Vec<_>>())
}

/// The same without `biz_content`.
pub fn signed_fields(shop: &Shop, method: &str, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut parameters: Vec<(String, String)> = [
        ("app_id", shop.app_id.to_string().as_str()),
        ("method", method),
        ("charset", "utf-8"),
        ("sign_type", "RSA2"),
        ("timestamp", "2026-11-23 10:00:00"),
        ("version", "1.0"),
    ]
    .iter()
    .chain(more)
    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
    .collect();
    parameters.sort();
    let text: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    parameters.push(("sign".into(), shop.key.sign(text.join("&").as_bytes()).unwrap()));
    parameters
}

pub fn form(parameters: &[(String, String)], wanted: impl Fn(&str) -> bool) -> String {
    let mut form = Serializer::new(String::new());
    form.extend_pairs(parameters.iter().filter(|(name, _)| wanted(name)));
    form.finish()
}

impl TestWorld {
    pub async fn request(&self, verb: &str, target: &str, body: &str) -> Answer {
        self.request_with(verb, target, "content-type: application/x-www-form-urlencoded;charset=utf-8\r\n", body).await
    }

    /// With these header lines.
    pub async fn request_with(&self, verb: &str, target: &str, lines: &str, body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let head = format!(
            "{verb} {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{lines}content-length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // A server that has heard enough answers and closes; what it has not read is nobody's loss.
        let _unread = stream.write_all(body.as_bytes()).await;
        let mut answer = Vec::new();
        let _cut = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub async fn send(&self, parameters: &[(String, String)], split: Split) -> Answer {
        let in_query = |name: &str| match split {
            Split::Query => true,
            Split::Body => false,
            Split::ContentInBody => name != "biz_content",
        };
        let (query, body) = (form(parameters, in_query), form(parameters, |name| !in_query(name)));
        match split {
            Split::Query => self.request("GET", &format!("/gateway.do?{query}"), "").await,
            Split::Body => self.request("POST", "/gateway.do", &body).await,
            // The absolute form of the target, as one client has it.
            Split::ContentInBody => {
                let target = format!("http://{}/gateway.do?{query}", self.address);
                self.request("POST", &target, &body).await
            }
        }
    }

    /// The node of an answer; the signature over its exact bytes is checked.
    pub fn node(&self, method: &str, answer: &Answer) -> Value {
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("trace_id").unwrap().len(), 32);
        let key = format!("{{\"{}_response\":", method.replace('.', "_"));
        let rest = answer.body.strip_prefix(&key).unwrap_or_else(|| panic!("{key} begins {}", answer.body));
        let (node, sign) = rest.rsplit_once(",\"sign\":\"").unwrap();
        let sign = sign.strip_suffix("\"}").unwrap();
        assert!(self.gateway.verify(node.as_bytes(), sign.as_bytes()), "the signature of {node}");
        assert!(!self.gateway.verify(format!("{node} ").as_bytes(), sign.as_bytes()));
        serde_json::from_str(node).unwrap()
    }

    pub async fn call(&self, shop: &Shop, method: &str, content: Value) -> Value {
        let parameters = signed_parameters(shop, method, &content, &[]);
        self.node(method, &self.send(&parameters, Split::ContentInBody).await)
    }

    /// The same with an address for notices.
    pub async fn call_notified(&self, shop: &Shop, method: &str, content: Value, notify_url: &str) -> Value {
        let parameters = signed_parameters(shop, method, &content, &[("notify_url", notify_url)]);
        self.node(method, &self.send(&parameters, Split::Body).await)
    }

    /// A customer's code is scanned and paid.
    pub async fn sell(&self, shop: &Shop, customer: u64, amount: &str, notify_url: &str) -> Value {
        let code = self.pay_code(&shop.cell, customer).await;
        let content = serde_json::json!({
            "out_trade_no": self.new_number("order"), "total_amount": amount, "subject": "Deux cafés",
            "auth_code": code, "scene": "bar_code",
        });
        let paid = self.call_notified(shop, "alipay.trade.pay", content, notify_url).await;
        assert_succeeded(&paid);
        paid
    }
}

pub fn assert_succeeded(node: &Value) {
    assert_eq!((node["code"].as_str(), node["msg"].as_str()), (Some("10000"), Some("Success")), "{node}");
}

pub fn assert_failed(node: &Value, code: &str, sub_code: &str) {
    assert_eq!((node["code"].as_str(), node["sub_code"].as_str()), (Some(code), Some(sub_code)), "{node}");
}
