//! Pictures of merchants: sent as parts, kept, and shown to whoever knows their address.

use serde_json::Value;

use crate::client::{Answer, assert_failed, assert_succeeded, form, signed_fields};
use crate::rest::{Odd, assert_refused};
use crate::world::{Shop, TestWorld};

const METHOD: &str = "alipay.offline.material.image.upload";
const TARGET: &str = "/v3/alipay/offline/material/image/upload";
const CONTENT_TYPE: &str = "multipart/form-data; boundary=frontier";
/// What begins as a picture of the type GIF; the rest nobody reads.
const PICTURE: &str = "GIF89a and so on\r\n--frontie";
const FIELDS: [(&str, &str); 2] = [("image_type", "GIF"), ("image_name", "La façade")];

fn text(name: &str, value: &str) -> String {
    format!("--frontier\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

fn file(name: &str, content: &str) -> String {
    let head = format!("content-disposition: form-data; name=\"{name}\"; filename=\"a.gif\"");
    format!("--frontier\r\n{head}\r\ncontent-type: image/gif\r\n\r\n{content}\r\n")
}

impl TestWorld {
    /// Common parameters in the query, the fields and the file as parts, as the SDKs send them.
    async fn upload(&self, shop: &Shop, method: &str, fields: &[(&str, &str)], files: &str) -> Answer {
        let parameters = signed_fields(shop, method, fields);
        let is_field = |name: &str| fields.iter().any(|(field, _)| *field == name);
        let target = format!("/gateway.do?{}", form(&parameters, |name| !is_field(name)));
        let texts: String = fields.iter().map(|(name, value)| text(name, value)).collect();
        let body = format!("{texts}{files}--frontier--\r\n");
        self.request_with("POST", &target, &format!("content-type: {CONTENT_TYPE}\r\n"), &body).await
    }

    async fn upload_node(&self, shop: &Shop, fields: &[(&str, &str)], files: &str) -> Value {
        self.node(METHOD, &self.upload(shop, METHOD, fields, files).await)
    }

    /// Over version 3: of the body only the text part `data` is signed.
    async fn upload_rest(&self, shop: &Shop, data: &str, body: &str) -> (u16, Value) {
        let odd = Odd { other_body: Some(body), content_type: Some(CONTENT_TYPE), ..Odd::default() };
        self.rest_answer(&self.rest(shop, "POST", TARGET, data, odd).await)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_sent_in_either_version_and_read_by_its_address() {
    let world = TestWorld::start().await;
    let (shop, other) = (world.shop("fr").await, world.shop("fr").await);
    let picture = file("image_content", PICTURE);
    let sent = world.upload_node(&shop, &FIELDS, &picture).await;
    assert_succeeded(&sent);
    let id = sent["image_id"].as_str().unwrap();
    assert_eq!(id.len(), 32);
    let path = sent["image_url"].as_str().unwrap().strip_prefix("http://127.0.0.1:8080").unwrap().to_owned();
    let shown = world.request("GET", &path, "").await;
    assert_eq!((shown.status, shown.body.as_str()), (200, PICTURE));
    assert_eq!(shown.header("content-type"), Some("image/gif"));
    assert_eq!(shown.header("x-content-type-options"), Some("nosniff"));

    let data = r#"{"image_type":"gif","image_name":"La façade"}"#;
    let body = format!("{}{picture}--frontier--\r\n", text("data", data));
    let (status, again) = world.upload_rest(&shop, data, &body).await;
    assert_eq!((status, again["image_id"].as_str()), (200, Some(id)), "the same picture is the same number");
    let (status, theirs) = world.upload_rest(&other, data, &body).await;
    assert_eq!(status, 200);
    assert_ne!(theirs["image_id"].as_str(), Some(id), "another merchant's");
    for path in [path.replace("/7/", "/5/"), path.replace("/7/", "/70/"), format!("{path}0"), "/files/7/x".into()] {
        assert_eq!(world.request("GET", &path, "").await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_signed_of_an_upload_is_its_texts_and_not_its_files() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let picture = file("image_content", PICTURE);
    // A text that nobody signed: in version 2 every text part is a parameter.
    let more = format!("{}{picture}", text("image_pid", "2088070000100031"));
    assert_failed(&world.upload_node(&shop, &FIELDS, &more).await, "40002", "isv.invalid-signature");
    let data = r#"{"image_type":"gif","image_name":"x"}"#;
    let other = format!("{}{picture}--frontier--\r\n", text("data", &data.replace('x', "y")));
    assert_refused(&world.upload_rest(&shop, data, &other).await, 401, "invalid-signature");
    let beside = format!("{}{}{picture}--frontier--\r\n", text("data", data), text("image_pid", "1"));
    assert_refused(&world.upload_rest(&shop, data, &beside).await, 400, "invalid-parameter");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_an_upload_is_said_and_keeps_nothing() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let picture = file("image_content", PICTURE);
    let long = "n".repeat(129);
    let stranger = [FIELDS[0], FIELDS[1], ("image_pid", "2088070000100031")];
    type Row<'a> = (&'a [(&'a str, &'a str)], String, &'a str, &'a str);
    let table: [Row<'_>; 10] = [
        (&[FIELDS[1]], picture.clone(), "40004", "INVALID_PARAM"),
        (&[FIELDS[0]], picture.clone(), "40004", "INVALID_PARAM"),
        (&[("image_type", "mp4"), FIELDS[1]], picture.clone(), "40004", "INVALID_PARAM"),
        (&[("image_type", "png"), FIELDS[1]], picture.clone(), "40004", "INVALID_PARAM"),
        (&[FIELDS[0], ("image_name", &long)], picture.clone(), "40004", "INVALID_PARAM"),
        (&stranger, picture.clone(), "40004", "INVALID_PARAM"),
        (&FIELDS, file("image_content", ""), "40004", "INVALID_PARAM"),
        (&FIELDS, file("picture", PICTURE), "40004", "INVALID_PARAM"),
        (&FIELDS, String::new(), "40004", "INVALID_PARAM"),
        (&FIELDS, picture.repeat(5), "40002", "isv.invalid-parameter"),
    ];
    for (fields, files, code, sub_code) in table {
        assert_failed(&world.upload_node(&shop, fields, &files).await, code, sub_code);
    }
    // A method that takes no files refuses them; the method's own answer would say that there is no such order.
    let content = [("biz_content", r#"{"out_trade_no":"o1"}"#)];
    let query = world.upload(&shop, "alipay.trade.query", &content, &picture).await;
    assert_failed(&world.node("alipay.trade.query", &query), "40002", "isv.invalid-parameter");
    let vault = &world.cell("fr").vault;
    assert_eq!(vault.file_bytes(shop.merchant).unwrap(), 0);
    assert_succeeded(&world.upload_node(&shop, &FIELDS, &picture).await);
    assert_eq!(vault.file_bytes(shop.merchant).unwrap(), 1_024 + PICTURE.len() as u64);
}
