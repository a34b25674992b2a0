//! The first admin of a cell outside the sandbox: made once, signs in, opens the rest.

mod support;

use serde_json::{Value, json};
use support::{Caller, Process, assert_audit, sycee};

fn create(data: &str) -> (Option<i32>, String, String) {
    let output = sycee(&["admin", "create", "--data", data, "--cell", "fr", "--name", "Amina Diallo"]);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn asked(caller: &mut Caller, method: &str, path: &str, token: &str, body: &Value) -> (u16, Value) {
    let bearer = format!("Bearer {token}");
    let key = format!("key of {path}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", key.as_str())];
    let (status, text) = caller.exchange(method, &format!("/api/v1{path}"), &headers, &body.to_string()).unwrap();
    (status, serde_json::from_str(&text).unwrap())
}

#[test]
fn the_first_admin_is_made_once_and_opens_everybody_else() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let (status, token, said) = create(data);
    assert_eq!(status, Some(0), "{said}");
    assert!(token.starts_with('t') && token.len() == 67 && !said.contains(&token), "{token} {said}");
    let (status, nothing, said) = create(data);
    assert_eq!((status, nothing.as_str()), (Some(2), ""));
    assert!(said.contains("has an admin who can sign in"), "{said}");

    let server = Process::serve(&["--cells", "fr", "--listen", "127.0.0.1:0", "--data", data]);
    let (_, _, said) = create(data);
    assert!(said.contains("in use by another server"), "{said}");
    let mut caller = Caller::connect(&server.address).unwrap();
    let (status, me) = asked(&mut caller, "GET", "/me", &token, &json!({}));
    assert_eq!((status, &me["name"], &me["role"]), (200, &json!("Amina Diallo"), &json!("operator")));
    let (status, staff) = asked(&mut caller, "POST", "/staff", &token, &json!({"name": "Bo", "staff_role": "support"}));
    assert_eq!(status, 200, "{staff}");
    // The admin sets a password and signs in with it.
    let number = me["party"].as_str().unwrap();
    let password = json!({"pin": "correct horse battery"});
    assert_eq!(asked(&mut caller, "POST", &format!("/parties/{number}/pin"), &token, &password).0, 200);
    let login = json!({"login": number, "pin": "correct horse battery"});
    let (status, session) = asked(&mut caller, "POST", "/sessions", "", &login);
    assert_eq!((status, &session["status"]), (200, &json!("signed_in")), "{session}");
    server.stop();
    assert_audit(folder.path());
}
