//! The web apps: files that the build has embedded, served with what browsers need to keep them and to be kept from harm.

mod brand;
mod negotiation;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;

pub use brand::Brand;
use negotiation::{Coding, accepted, is_known};

/// What the build has embedded; empty if the apps were not built.
const EMBEDDED: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/web.rs"));

/// The apps, each a folder with one page.
const APPS: [&str; 3] = ["wallet", "merchant", "operator"];

/// What a page may load and do, Trusted Types included: nothing foreign, no inline script or style, no frame.
/// WebAssembly is for the reader of codes, `data:` and `blob:` for pictures and the camera.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; \
     media-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types svelte-trusted-html sw-url";

/// The headers of every answer.
const GUARDS: [(&str, &str); 6] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(self), screen-wake-lock=(self), microphone=(), geolocation=(), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Names of assets carry a hash of their content, so they can be kept for ever.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Pages are asked about each time; the ETag makes that cheap.
const ASK_FIRST: &str = "no-cache";

/// A file as the build has embedded it.
#[derive(Clone, Copy)]
pub struct Embedded {
    /// From the root of the site, such as `/wallet/index.html`.
    pub path: &'static str,
    /// As it is.
    pub raw: &'static [u8],
    /// Compressed with Brotli.
    pub br: Option<&'static [u8]>,
    /// Compressed with gzip.
    pub gz: Option<&'static [u8]>,
}

/// A file that is ready to be served, with an ETag for each of its forms.
struct File {
    media_type: &'static str,
    cache: &'static str,
    raw: Form,
    br: Option<Form>,
    gz: Option<Form>,
}

struct Form {
    bytes: Bytes,
    tag: String,
}

/// All that is served.
struct Site {
    files: HashMap<String, File>,
}

/// The routes of the apps, of the brand and of what pages need to know of the server.
pub fn router(brand: &Brand, is_sandbox: bool) -> Router {
    router_of(EMBEDDED, brand, is_sandbox)
}

fn router_of(embedded: &[Embedded], brand: &Brand, is_sandbox: bool) -> Router {
    let mut files: HashMap<String, File> =
        embedded.iter().map(|file| (file.path.to_owned(), File::embedded(file))).collect();
    let made = [
        ("/brand.css", "text/css; charset=utf-8", brand.stylesheet().into_bytes()),
        ("/logo.svg", "image/svg+xml", brand.logo().to_vec()),
        ("/site.json", "application/json", brand.site(is_sandbox).into_bytes()),
        ("/wallet/manifest.webmanifest", "application/manifest+json", brand.manifest("wallet").into_bytes()),
        ("/merchant/manifest.webmanifest", "application/manifest+json", brand.manifest("merchant").into_bytes()),
    ];
    files.extend(made.map(|(path, media_type, bytes)| (path.to_owned(), File::made(media_type, bytes))));
    let mut router = Router::new().route("/assets/{*file}", any(serve));
    for path in ["/brand.css", "/logo.svg", "/site.json"] {
        router = router.route(path, any(serve));
    }
    for app in APPS {
        for path in [format!("/{app}"), format!("/{app}/"), format!("/{app}/{{*page}}")] {
            router = router.route(&path, any(serve));
        }
        let page = format!("/{app}/index.html");
        files
            .entry(page)
            .or_insert_with(|| File::made("text/html; charset=utf-8", not_there(app, embedded.is_empty())));
    }
    router.with_state(Arc::new(Site { files }))
}

/// What is shown instead of an app that is not in the binary.
fn not_there(app: &str, is_unbuilt: bool) -> Vec<u8> {
    let why = if is_unbuilt {
        "<h1>No web apps in this binary</h1><p>They were not built before it. Run <code>cargo xtask web</code>, then \
         <code>cargo build --release --bin sycee</code> again. The API works without them: see the README.</p>"
            .to_owned()
    } else {
        format!(
            "<h1>The app “{app}” does not exist yet</h1><p>What it will show can be asked at the API: see the README.</p>"
        )
    };
    format!("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sycee</title>{why}</html>\n").into_bytes()
}

impl File {
    fn embedded(file: &Embedded) -> Self {
        let form = |bytes: &'static [u8]| Form::of(Bytes::from_static(bytes));
        let cache = if file.path.starts_with("/assets/") { FOR_EVER } else { ASK_FIRST };
        let media_type = media_type(file.path);
        Self { media_type, cache, raw: form(file.raw), br: file.br.map(form), gz: file.gz.map(form) }
    }

    fn made(media_type: &'static str, bytes: Vec<u8>) -> Self {
        Self { media_type, cache: ASK_FIRST, raw: Form::of(bytes.into()), br: None, gz: None }
    }

    /// The smallest form that the client takes.
    fn form(&self, headers: &HeaderMap) -> (&Form, Option<&'static str>) {
        for coding in [Coding::Brotli, Coding::Gzip] {
            let form = match coding {
                Coding::Brotli => &self.br,
                Coding::Gzip => &self.gz,
            };
            if let Some(form) = form.as_ref().filter(|_| accepted(headers, coding)) {
                return (form, Some(coding.name()));
            }
        }
        (&self.raw, None)
    }
}

impl Form {
    /// The tag is of these bytes, so each coding has its own (RFC 9110, section 8.8.3).
    fn of(bytes: Bytes) -> Self {
        let tag: String = digest(&SHA256, &bytes).as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { bytes, tag: format!("\"{tag}\"") }
    }
}

/// One kind of file a line; the build makes no others.
fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("wasm") => "application/wasm",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

async fn serve(State(site): State<Arc<Site>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let mut answer = site.answer(&method, uri.path(), &headers);
    for (name, value) in GUARDS {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

impl Site {
    fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response {
        if method != Method::GET && method != Method::HEAD {
            return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")], "only GET and HEAD\n")
                .into_response();
        }
        if APPS.iter().any(|app| path.strip_prefix('/') == Some(app)) {
            return (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, format!("{path}/"))]).into_response();
        }
        let Some(file) = self.files.get(path).or_else(|| self.page_of(path)) else {
            return (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")], "there is no such file\n")
                .into_response();
        };
        let (form, coding) = file.form(headers);
        let is_known = is_known(headers, &form.tag);
        let status = if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        // The length of a HEAD's answer is that of the GET's, which axum takes from the body before it drops it.
        let body = if is_known { Body::empty() } else { Body::from(form.bytes.clone()) };
        let mut answer = (
            status,
            [(header::ETAG, form.tag.as_str()), (header::CACHE_CONTROL, file.cache), (header::VARY, "accept-encoding")],
            body,
        )
            .into_response();
        if !is_known {
            answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(file.media_type));
            if let Some(coding) = coding {
                answer.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
            }
        }
        answer
    }

    /// A link into an app is its page, which reads the rest of the path itself. What has a dot is a file that is not there.
    fn page_of(&self, path: &str) -> Option<&File> {
        let app = path.strip_prefix('/')?.split('/').next()?;
        let last = path.rsplit('/').next()?;
        if !APPS.contains(&app) || last.contains('.') {
            return None;
        }
        self.files.get(&format!("/{app}/index.html"))
    }
}
