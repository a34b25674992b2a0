//! Files that come with a request: `multipart/form-data` (RFC 7578).
//!
//! Text parts are parameters like any other and are signed; file parts are not. In version 3 one text part, `data`, is the JSON
//! that would have been the body, and it alone is signed. Source: Alipay Open Platform, chapters on file upload of both versions.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use multer::{Constraints, Multipart, SizeLimit};
use tokio::sync::Semaphore;

use crate::codes::gateway;
use crate::wire::failure::Failure;
use crate::wire::parameters::{BODY_MAX_BYTES, PARAMETERS_MAX};

/// Longest file that is taken, in bytes: as the platform's for pictures.
pub const FILE_MAX_BYTES: usize = 5 * 1024 * 1024;
/// Longest body with files that is read, in bytes: one of the largest files and everything else of a request.
pub const UPLOAD_BODY_MAX_BYTES: usize = FILE_MAX_BYTES + BODY_MAX_BYTES;
/// Most files in one request; every method takes one.
pub const FILES_MAX: usize = 4;
/// Longest boundary between parts, in characters (RFC 2046, section 5.1.1).
const BOUNDARY_MAX_CHARACTERS: usize = 70;
/// So many bodies with files are in memory at once, before anybody knows who sends them.
const UPLOADS_AT_ONCE: usize = 8;
/// How long a body with files may take to arrive: a sender who stops in the middle gives its place free.
const ARRIVES_WITHIN: Duration = Duration::from_secs(30);

static ROOM: Semaphore = Semaphore::const_new(UPLOADS_AT_ONCE);

/// A file as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadedFile {
    /// The name of its part, such as `image_content`.
    pub field: String,
    /// What is in it.
    pub content: Bytes,
}

/// The parts of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upload {
    /// Names and values of the text parts, in the order in which they came.
    pub texts: Vec<(Vec<u8>, Vec<u8>)>,
    /// The files.
    pub files: Vec<UploadedFile>,
}

/// Why the parts of a body cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadError {
    /// The header names no boundary between the parts, or one that is too long.
    NoBoundary,
    /// It is no `multipart/form-data`, or it is cut off.
    Malformed,
    /// The whole is longer than [`UPLOAD_BODY_MAX_BYTES`].
    TooLong,
    /// One file is longer than [`FILE_MAX_BYTES`], or one text than a body without files may be.
    PartTooLong,
    /// There are more than [`FILES_MAX`] files or [`PARAMETERS_MAX`] texts.
    TooMany,
    /// It did not arrive in time.
    TooSlow,
    /// Others are sending files, as many as there is room for.
    NoRoom,
}

impl From<UploadError> for Failure {
    fn from(error: UploadError) -> Self {
        let detail = match error {
            UploadError::NoBoundary => "the content type names no boundary between the parts".to_owned(),
            UploadError::Malformed => "the body is not multipart/form-data, or is cut off".to_owned(),
            UploadError::TooLong => format!("the body exceeds {UPLOAD_BODY_MAX_BYTES} bytes"),
            UploadError::PartTooLong => {
                format!("a file exceeds {FILE_MAX_BYTES} bytes, or a text part {BODY_MAX_BYTES} bytes")
            }
            UploadError::TooMany => format!("there are more than {FILES_MAX} files or {PARAMETERS_MAX} text parts"),
            UploadError::TooSlow => format!("the body did not arrive within {} seconds", ARRIVES_WITHIN.as_secs()),
            UploadError::NoRoom => {
                return Failure::with_detail(gateway::APP_CALL_LIMITED, "too many files are being sent, try again");
            }
        };
        Failure::with_detail(gateway::INVALID_PARAMETER, detail)
    }
}

/// Whether a request brings files.
#[must_use]
pub fn is_upload(headers: &HeaderMap) -> bool {
    const MULTIPART: &[u8] = b"multipart/";
    let content_type = headers.get(header::CONTENT_TYPE).map(|value| value.as_bytes()).unwrap_or_default();
    content_type.get(..MULTIPART.len()).is_some_and(|start| start.eq_ignore_ascii_case(MULTIPART))
}

/// Waits for the body of a request that brings files, and reads its parts.
///
/// # Errors
/// [`UploadError`].
pub async fn receive(headers: &HeaderMap, body: Body) -> Result<Upload, UploadError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = boundary(content_type.unwrap_or_default())?;
    let Ok(_room) = ROOM.try_acquire() else { return Err(UploadError::NoRoom) };
    match tokio::time::timeout(ARRIVES_WITHIN, axum::body::to_bytes(body, UPLOAD_BODY_MAX_BYTES)).await {
        Err(_) => Err(UploadError::TooSlow),
        Ok(Err(_)) => Err(UploadError::TooLong),
        Ok(Ok(body)) => parts(&boundary, body).await,
    }
}

/// What stands between the parts, as a content type says.
///
/// # Errors
/// [`UploadError::NoBoundary`].
pub fn boundary(content_type: &str) -> Result<String, UploadError> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| UploadError::NoBoundary)?;
    let fits = (1..=BOUNDARY_MAX_CHARACTERS).contains(&boundary.len());
    if fits { Ok(boundary) } else { Err(UploadError::NoBoundary) }
}

/// Reads the parts of a body that has arrived. A part with a file name is a file, any other a text.
///
/// # Errors
/// [`UploadError`].
pub async fn parts(boundary: &str, body: Bytes) -> Result<Upload, UploadError> {
    let sizes = SizeLimit::new().whole_stream(UPLOAD_BODY_MAX_BYTES as u64).per_field(FILE_MAX_BYTES as u64);
    let constraints = Constraints::new().size_limit(sizes);
    let mut multipart = Multipart::with_constraints(Body::from(body).into_data_stream(), boundary, constraints);
    let mut upload = Upload::default();
    while let Some(field) = multipart.next_field().await.map_err(refused)? {
        let Some(name) = field.name().map(str::to_owned) else { return Err(UploadError::Malformed) };
        let is_file = field.file_name().is_some();
        let content = field.bytes().await.map_err(refused)?;
        if is_file {
            upload.files.push(UploadedFile { field: name, content });
        } else if content.len() > BODY_MAX_BYTES {
            return Err(UploadError::PartTooLong);
        } else {
            upload.texts.push((name.into_bytes(), content.to_vec()));
        }
        if upload.files.len() > FILES_MAX || upload.texts.len() > PARAMETERS_MAX {
            return Err(UploadError::TooMany);
        }
    }
    Ok(upload)
}

fn refused(error: multer::Error) -> UploadError {
    match error {
        multer::Error::FieldSizeExceeded { .. } => UploadError::PartTooLong,
        multer::Error::StreamSizeExceeded { .. } => UploadError::TooLong,
        _ => UploadError::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(body: impl Into<Bytes>) -> Result<Upload, UploadError> {
        parts("X", body.into()).await
    }

    fn part(disposition: &str, content: &str) -> String {
        format!("--X\r\ncontent-disposition: form-data; {disposition}\r\n\r\n{content}\r\n")
    }

    #[tokio::test]
    async fn texts_and_files_are_told_apart_by_the_file_name() {
        let body = [
            part("name=\"image_type\"", "jpg"),
            part("name=\"image_content\"; filename=\"a b.jpg\"", "\0\r\n--Y"),
            part("name=\"\"", ""),
            "--X--\r\n".to_owned(),
        ];
        let upload = read(body.concat()).await.unwrap();
        let texts = vec![(b"image_type".to_vec(), b"jpg".to_vec()), (Vec::new(), Vec::new())];
        let file = UploadedFile { field: "image_content".into(), content: Bytes::from_static(b"\0\r\n--Y") };
        assert_eq!(upload, Upload { texts, files: vec![file] });
    }

    #[tokio::test]
    async fn what_is_cut_or_none_is_refused() {
        let whole = part("name=\"a\"", "b") + "--X--\r\n";
        assert!(read(whole.clone()).await.is_ok());
        for end in 0..whole.len() - 4 {
            assert_eq!(read(whole[..end].to_owned()).await, Err(UploadError::Malformed), "{end}");
        }
        let nameless = part("filename=\"x\"", "b") + "--X--\r\n";
        assert_eq!(read(nameless).await, Err(UploadError::Malformed));
    }

    #[tokio::test]
    async fn limits_hold_exactly() {
        let of = |disposition: &str, size: usize| part(disposition, &"x".repeat(size)) + "--X--";
        let file = "name=\"f\"; filename=\"f\"";
        assert!(read(of(file, FILE_MAX_BYTES)).await.is_ok());
        assert_eq!(read(of(file, FILE_MAX_BYTES + 1)).await, Err(UploadError::PartTooLong));
        assert!(read(of("name=\"t\"", BODY_MAX_BYTES)).await.is_ok());
        assert_eq!(read(of("name=\"t\"", BODY_MAX_BYTES + 1)).await, Err(UploadError::PartTooLong));
        let many = |count: usize, disposition: &str| part(disposition, "").repeat(count) + "--X--";
        assert!(read(many(FILES_MAX, file)).await.is_ok());
        assert_eq!(read(many(FILES_MAX + 1, file)).await, Err(UploadError::TooMany));
        assert!(read(many(PARAMETERS_MAX, "name=t")).await.is_ok());
        assert_eq!(read(many(PARAMETERS_MAX + 1, "name=t")).await, Err(UploadError::TooMany));
        let long = of(file, FILE_MAX_BYTES - 9) + &"y".repeat(BODY_MAX_BYTES);
        assert_eq!(read(long).await, Err(UploadError::TooLong));
    }

    #[test]
    fn boundaries_are_read_from_the_content_type() {
        let longest = "b".repeat(70);
        let table = [
            ("multipart/form-data; boundary=x".to_owned(), Some("x".to_owned())),
            ("Multipart/Form-Data;charset=utf-8;boundary=\"a b\"".to_owned(), Some("a b".to_owned())),
            (format!("multipart/form-data; boundary={longest}"), Some(longest.clone())),
            (format!("multipart/form-data; boundary={longest}b"), None),
            ("multipart/form-data".to_owned(), None),
            ("multipart/mixed; boundary=x".to_owned(), None),
            ("application/json".to_owned(), None),
            (String::new(), None),
        ];
        for (content_type, expected) in table {
            assert_eq!(boundary(&content_type).ok(), expected, "{content_type}");
        }
    }
}
