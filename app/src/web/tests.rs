use axum::body::to_bytes;
use axum::http::Request;
use tower::ServiceExt;

use super::*;

const PAGE: &[u8] = b"<!doctype html><p>the wallet</p>";

const BUILT: &[Embedded] = &[
    Embedded { path: "/wallet/index.html", raw: PAGE, br: Some(b"page br"), gz: Some(b"page gz") },
    Embedded { path: "/merchant/index.html", raw: b"the counter", br: None, gz: None },
    Embedded { path: "/assets/wallet-a1b2c3.js", raw: b"script", br: Some(b"br"), gz: Some(b"gz") },
    Embedded { path: "/assets/wallet-d4e5f6.css", raw: b"style", br: None, gz: Some(b"gz") },
];

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

async fn ask_of(files: &[Embedded], method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let router = router_of(files, &Brand::load(None).unwrap(), true);
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (head, body) = answer.into_parts();
    let body = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
    Answer { status: head.status.as_u16(), headers: head.headers, body }
}

async fn ask(method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    ask_of(BUILT, method, path, headers).await
}

#[tokio::test]
async fn pages_and_links_into_them_are_served_and_files_that_are_not_there_are_not() {
    let wallet = "<!doctype html><p>the wallet</p>";
    for (path, status, body) in [
        ("/wallet/", 200, wallet),
        ("/wallet/index.html", 200, wallet),
        ("/wallet/send/2088070000000000", 200, wallet),
        ("/wallet/pay?x=1.2", 200, wallet),
        ("/merchant/orders", 200, "the counter"),
        ("/assets/wallet-a1b2c3.js", 200, "script"),
        ("/wallet", 308, ""),
        ("/merchant", 308, ""),
        ("/wallet/nothing.js", 404, "there is no such file\n"),
        ("/wallet/../assets/wallet-a1b2c3.js", 404, "there is no such file\n"),
        ("/assets/wallet-old.js", 404, "there is no such file\n"),
        ("/assets/", 404, ""),
        ("/walletx/", 404, ""),
    ] {
        let answer = ask("GET", path, &[]).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, body), "{path}");
    }
    assert_eq!(ask("GET", "/wallet", &[]).await.header("location"), "/wallet/");
}

#[tokio::test]
async fn assets_are_kept_for_ever_and_pages_are_asked_about() {
    for (path, cache, media_type) in [
        ("/wallet/", "no-cache", "text/html; charset=utf-8"),
        ("/wallet/deep/link", "no-cache", "text/html; charset=utf-8"),
        ("/assets/wallet-a1b2c3.js", "public, max-age=31536000, immutable", "text/javascript; charset=utf-8"),
        ("/assets/wallet-d4e5f6.css", "public, max-age=31536000, immutable", "text/css; charset=utf-8"),
        ("/brand.css", "no-cache", "text/css; charset=utf-8"),
        ("/logo.svg", "no-cache", "image/svg+xml"),
        ("/site.json", "no-cache", "application/json"),
        ("/wallet/manifest.webmanifest", "no-cache", "application/manifest+json"),
        ("/assets/none.js", "no-store", "text/plain; charset=utf-8"),
    ] {
        let answer = ask("GET", path, &[]).await;
        assert_eq!((answer.header("cache-control"), answer.header("content-type")), (cache, media_type), "{path}");
    }
}

#[tokio::test]
async fn each_form_is_sent_to_those_who_take_it_and_has_its_own_tag() {
    let script = "/assets/wallet-a1b2c3.js";
    for (path, takes, coding, body) in [
        (script, "gzip, deflate, br", "br", "br"),
        (script, "gzip", "gzip", "gz"),
        (script, "br;q=0, gzip", "gzip", "gz"),
        (script, "identity", "", "script"),
        ("/assets/wallet-d4e5f6.css", "br, gzip", "gzip", "gz"),
        ("/merchant/", "br, gzip", "", "the counter"),
    ] {
        let answer = ask("GET", path, &[("accept-encoding", takes)]).await;
        assert_eq!((answer.header("content-encoding"), answer.body.as_str()), (coding, body), "{path} {takes}");
        assert_eq!(answer.header("vary"), "accept-encoding", "{path} {takes}");
    }
    let tag = ask("GET", script, &[("accept-encoding", "br")]).await.header("etag").to_owned();
    assert_ne!(tag, ask("GET", script, &[]).await.header("etag"));
    for (takes, known, status) in
        [("br", tag.as_str(), 304), ("gzip", tag.as_str(), 200), ("br", "\"x\", *", 304), ("br", "\"x\"", 200)]
    {
        let answer = ask("GET", script, &[("accept-encoding", takes), ("if-none-match", known)]).await;
        assert_eq!((answer.status, answer.body.is_empty()), (status, status == 304), "{takes} {known}");
        assert!(!answer.header("etag").is_empty() && !answer.header("cache-control").is_empty());
    }
}

#[tokio::test]
async fn head_says_what_get_says_without_the_body_and_nothing_else_is_allowed() {
    let get = ask("GET", "/wallet/", &[]).await;
    let head = ask("HEAD", "/wallet/", &[]).await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    for name in ["etag", "cache-control", "content-type", "vary"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    assert_eq!(head.header("content-length"), PAGE.len().to_string());
    let post = ask("POST", "/wallet/", &[]).await;
    assert_eq!((post.status, post.header("allow")), (405, "GET, HEAD"));
}

#[tokio::test]
async fn every_answer_is_guarded() {
    for path in ["/wallet/", "/assets/wallet-a1b2c3.js", "/assets/none.js", "/wallet", "/operator/", "/site.json"] {
        let answer = ask("GET", path, &[]).await;
        let policy = answer.header("content-security-policy");
        for part in
            ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"]
        {
            assert!(policy.contains(part), "{path}: {part}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(answer.header("permissions-policy").contains("camera=(self)"), "{path}");
    }
}

#[tokio::test]
async fn without_built_apps_every_page_says_how_to_build_them_and_the_rest_works() {
    for path in ["/wallet/", "/merchant/orders/1", "/operator/"] {
        let answer = ask_of(&[], "GET", path, &[]).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.body.contains("cargo xtask web"), "{path}: {}", answer.body);
    }
    assert!(ask("GET", "/operator/", &[]).await.body.contains("does not exist yet"));
    assert_eq!(ask_of(&[], "GET", "/site.json", &[]).await.status, 200);
}

#[tokio::test]
async fn pages_learn_the_digits_of_currencies_and_the_test_mode() {
    let answer = ask("GET", "/site.json", &[]).await;
    let site: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(site["name"], "Sycee");
    assert_eq!(site["sandbox"], true);
    // ISO 4217: those that browsers get wrong, one without and one with three digits.
    for (code, digits) in [("EUR", 2), ("PKR", 2), ("IDR", 2), ("HUF", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3)] {
        assert_eq!(site["currencies"][code], digits, "{code}");
    }
}
