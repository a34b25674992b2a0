//! A ZIP archive of a few files in memory (APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.16): deflated, names in UTF-8, no
//! ZIP64. Without dates, so that the same bill is the same bytes.

use std::io::Write as _;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// 2.0: the version needed to read deflated files.
const VERSION: u16 = 20;
/// Bit 11 of the general purpose flags: the name is UTF-8.
const NAME_IS_UTF8: u16 = 1 << 11;
const DEFLATED: u16 = 8;
/// 1 January 1980, the first day that the format knows.
const FIRST_DATE: u16 = (1 << 5) | 1;

/// The archive of these files: names and contents.
///
/// # Errors
/// A file, or all of them, of 4 GiB or more.
pub(super) fn archive(files: &[(String, Vec<u8>)]) -> std::io::Result<Vec<u8>> {
    let mut archive = Vec::new();
    let mut directory = Vec::new();
    for (name, content) in files {
        let offset = length(archive.len())?;
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content)?;
        let deflated = encoder.finish()?;
        let mut crc = Crc::new();
        crc.update(content);
        let mut about = Vec::new();
        for number in [VERSION, NAME_IS_UTF8, DEFLATED, 0, FIRST_DATE] {
            about.extend_from_slice(&number.to_le_bytes());
        }
        for number in [crc.sum(), length(deflated.len())?, length(content.len())?] {
            about.extend_from_slice(&number.to_le_bytes());
        }
        about.extend_from_slice(&short(name.len())?.to_le_bytes());
        // No extra field.
        about.extend_from_slice(&0_u16.to_le_bytes());

        archive.extend_from_slice(b"PK\x03\x04");
        archive.extend_from_slice(&about);
        archive.extend_from_slice(name.as_bytes());
        archive.extend_from_slice(&deflated);

        directory.extend_from_slice(b"PK\x01\x02");
        directory.extend_from_slice(&VERSION.to_le_bytes());
        directory.extend_from_slice(&about);
        // No comment, disk 0, no attributes: 2, 2, 2 and 4 bytes.
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let (count, offset) = (short(files.len())?, length(archive.len())?);
    archive.extend_from_slice(&directory);
    archive.extend_from_slice(b"PK\x05\x06");
    for number in [0, 0, count, count] {
        archive.extend_from_slice(&number.to_le_bytes());
    }
    archive.extend_from_slice(&length(directory.len())?.to_le_bytes());
    archive.extend_from_slice(&offset.to_le_bytes());
    archive.extend_from_slice(&0_u16.to_le_bytes());
    Ok(archive)
}

fn length(bytes: usize) -> std::io::Result<u32> {
    u32::try_from(bytes).map_err(std::io::Error::other)
}

fn short(count: usize) -> std::io::Result<u16> {
    u16::try_from(count).map_err(std::io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_without_files_is_its_end() {
        let mut expected = b"PK\x05\x06".to_vec();
        expected.extend_from_slice(&[0; 18]);
        assert_eq!(archive(&[]).unwrap(), expected);
    }

    #[test]
    fn a_file_is_where_the_format_says() {
        let archive = archive(&[("a".into(), b"abc".to_vec())]).unwrap();
        // The CRC-32 of "abc" is 352441c2 (ISO 3309 as in every table of test values).
        assert_eq!(&archive[14..18], &[0xc2, 0x41, 0x24, 0x35]);
        let deflated = usize::from(archive[18]);
        assert_eq!((archive[22], archive[26], archive[30]), (3, 1, b'a'));
        // Local header 30 and name, data, central header 46 and name, end 22.
        assert_eq!(archive.len(), 31 + deflated + 47 + 22);
        assert_eq!(&archive[31 + deflated..][..4], b"PK\x01\x02");
    }
}
