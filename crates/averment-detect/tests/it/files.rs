//! Files: zip archives with office documents in them, images with what they say beside their pixels, PDF.

use averment_detect::{Inspection, Layer, UnreadableBecause, strip_metadata};

use crate::formats::masked;
use crate::pack::{field, zip};
use crate::people::{found_people, looked_at};
use crate::wrap::{Wrap, wrapped};

fn look(kind: &str, body: &[u8]) -> Inspection {
    looked_at(&[("content-type", kind.as_bytes())], body)
}

fn reasons(kind: &str, body: &[u8]) -> Vec<UnreadableBecause> {
    look(kind, body).unreadable.iter().map(|note| note.because).collect()
}

fn docx(run: &str) -> Vec<u8> {
    let document = format!("<?xml version=\"1.0\"?><w:document><w:body><w:p>{run}</w:p></w:body></w:document>");
    zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", document.as_bytes()),
    ])
}

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

#[test]
fn office_documents_are_read_and_not_rewritten() {
    for run in [
        "<w:r><w:t>Ada Lovelace</w:t></w:r>",
        "<w:r><w:t>Ada</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\"> Love</w:t></w:r><w:r><w:t>lace</w:t></w:r>",
        "<w:hyperlink r:id=\"mailto:ada&#64;school.example\"/>",
    ] {
        for (kind, body) in [
            (DOCX, docx(run)),
            ("", docx(run)),
            ("application/zip", zip(&[("a.docx", &docx(run))])),
        ] {
            let inspection = look(kind, &body);
            assert_eq!(found_people(&inspection), [1], "{run}");
            assert!(inspection.unreadable.is_empty(), "{run} {:?}", inspection.unreadable);
            assert!(masked(kind, &body).is_err(), "{run}");
        }
    }
    let clean = docx("<w:r><w:t>nobody</w:t></w:r>");
    assert_eq!(masked(DOCX, &clean).unwrap(), clean);
    let inspection = look(DOCX, &docx("<w:t>ada_l</w:t>"));
    assert_eq!(
        inspection.findings[0].layers,
        [Layer::Zip, Layer::Deflate, Layer::Markup]
    );
}

#[test]
fn names_of_files_and_base64_of_archives_are_read() {
    assert_eq!(found_people(&look("", &zip(&[("reports/ada_l.txt", b"x")]))), [1]);
    let text = String::from_utf8(wrapped(&[Wrap::Base64], &docx("<w:t>ada_l</w:t>"))).unwrap();
    let body = format!("{{\"file\":\"{text}\"}}");
    assert_eq!(found_people(&look("application/json", body.as_bytes())), [1]);
}

#[test]
fn archives_that_two_readers_would_read_differently_are_unreadable() {
    let good = docx("<w:t>ada_l</w:t>");
    let mut other_name = good.clone();
    other_name[30] ^= 1;
    let mut encrypted = good.clone();
    let directory = good.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    encrypted[directory + 8] |= 1;
    let behind = [good.as_slice(), b"more"].concat();
    for (body, because) in [
        (other_name, UnreadableBecause::Malformed),
        (behind, UnreadableBecause::Malformed),
        (good[..good.len() - 1].to_vec(), UnreadableBecause::Malformed),
        (encrypted, UnreadableBecause::UnknownFormat),
    ] {
        assert_eq!(reasons(DOCX, &body), [because]);
    }
    let bomb = zip(&[("a", &vec![b' '; 20 << 20])]);
    assert_eq!(reasons(DOCX, &bomb), [UnreadableBecause::TooLarge]);
}

fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    [(data.len() as u32).to_be_bytes().as_slice(), kind, data, b"crc!"].concat()
}

fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &[0; 13]),
        chunks.concat(),
        chunk(b"IDAT", b"\x78\x9cpixels"),
        chunk(b"IEND", b""),
    ]
    .concat()
}

fn jpeg(segments: &[(u8, &[u8])], behind: &[u8]) -> Vec<u8> {
    let segment = |(marker, data): &(u8, &[u8])| {
        [
            &[0xff, *marker],
            ((data.len() + 2) as u16).to_be_bytes().as_slice(),
            data,
        ]
        .concat()
    };
    let all: Vec<u8> = segments.iter().flat_map(segment).collect();
    [
        b"\xff\xd8",
        all.as_slice(),
        b"\xff\xda\x00\x03\x01pi\xff\x00xels\xff\xd9",
        behind,
    ]
    .concat()
}

fn webp(chunks: &[(&[u8], &[u8])]) -> Vec<u8> {
    let chunk = |(kind, data): &(&[u8], &[u8])| {
        [
            *kind,
            &(data.len() as u32).to_le_bytes(),
            data,
            &b"\0"[..data.len() % 2],
        ]
        .concat()
    };
    let all: Vec<u8> = chunks.iter().flat_map(chunk).collect();
    [b"RIFF".as_slice(), &(all.len() as u32 + 4).to_le_bytes(), b"WEBP", &all].concat()
}

fn gif(extensions: &[u8]) -> Vec<u8> {
    [
        b"GIF89a\x01\0\x01\0\0\0\0".as_slice(),
        extensions,
        b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x4c\x01\0\x3b",
    ]
    .concat()
}

/// Image with metadata, and the same without.
fn images() -> Vec<(Vec<u8>, Vec<u8>)> {
    let wide = wrapped(&[Wrap::Utf16Le], b"Ada Lovelace");
    let exif = [b"Exif\0\0II*\0\x08\0\0\0\0\0".as_slice(), &wide].concat();
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><a b=\"ada&#64;school.example\"/></x:xmpmeta>";
    let packed = [
        b"Author\0\0".as_slice(),
        &wrapped(&[Wrap::Deflate], b"ada@school.example"),
    ]
    .concat();
    let international = [
        b"Author\0\x01\0en\0Author\0".as_slice(),
        &wrapped(&[Wrap::Deflate], b"ada_l"),
    ]
    .concat();
    let plain_jpeg = jpeg(&[(0xe0, b"JFIF\0")], b"");
    let plain_webp = webp(&[(b"VP8X", &[0; 10]), (b"VP8 ", b"pixels")]);
    let mut flags = [0; 10];
    flags[0] = 0x0c;
    vec![
        (png(&[chunk(b"tEXt", b"Author\0ada@school.example")]), png(&[])),
        (png(&[chunk(b"zTXt", &packed)]), png(&[])),
        (png(&[chunk(b"iTXt", &international)]), png(&[])),
        (png(&[chunk(b"eXIf", &exif)]), png(&[])),
        ([png(&[]), b"trailing ada_l".to_vec()].concat(), png(&[])),
        (jpeg(&[(0xe0, b"JFIF\0"), (0xe1, &exif)], b""), plain_jpeg.clone()),
        (jpeg(&[(0xe0, b"JFIF\0"), (0xe1, xmp)], b""), plain_jpeg.clone()),
        (
            jpeg(
                &[
                    (0xe0, b"JFIF\0"),
                    (0xed, b"Photoshop 3.0\0\x1c\x02\x50\0\x05ada_l\x1c\x02"),
                ],
                b"",
            ),
            plain_jpeg.clone(),
        ),
        (jpeg(&[(0xe0, b"JFIF\0"), (0xfe, b"by ada_l")], b""), plain_jpeg.clone()),
        (jpeg(&[(0xe0, b"JFIF\0")], b"ada_l"), plain_jpeg),
        (
            webp(&[(b"VP8X", &flags), (b"VP8 ", b"pixels"), (b"EXIF", &exif)]),
            plain_webp.clone(),
        ),
        (
            webp(&[(b"VP8X", &flags), (b"VP8 ", b"pixels"), (b"XMP ", &xmp[29..])]),
            plain_webp,
        ),
        (gif(b"\x21\xfe\x05ada_l\0"), gif(b"")),
    ]
}

#[test]
fn what_images_say_is_found_and_taken_out() {
    for (image, plain) in images() {
        let inspection = look("image/x", &image);
        assert_eq!(found_people(&inspection), [1], "{image:?}");
        assert_eq!(inspection.unreadable.len(), 1, "the pixels are not read");
        assert_eq!(strip_metadata(&image).unwrap(), plain);
        assert_eq!(masked("image/x", &image).unwrap(), plain);
        assert_eq!(strip_metadata(&plain).unwrap(), plain);
        assert_eq!(masked("image/x", &plain).unwrap(), plain);
    }
}

#[test]
fn what_is_drawn_with_stays() {
    let drawn = png(&[chunk(b"iCCP", b"x\0\0y"), chunk(b"gAMA", b"1234")]);
    assert_eq!(strip_metadata(&drawn).unwrap(), drawn);
    let profile = jpeg(&[(0xe2, b"ICC_PROFILE\0x"), (0xee, b"Adobe")], b"");
    assert_eq!(strip_metadata(&profile).unwrap(), profile);
    let animated = gif(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0\x21\xf9\x04\0\0\0\0\0");
    assert_eq!(strip_metadata(&animated).unwrap(), animated);
}

#[test]
fn broken_images_are_looked_at_and_refused() {
    for (image, _) in images() {
        for cut in 0..image.len() {
            let inspection = look("image/x", &image[..cut]);
            assert!(cut < 3 || !inspection.unreadable.is_empty() || std::str::from_utf8(&image[..cut]).is_ok());
            let _ = strip_metadata(&image[..cut]);
        }
    }
    assert_eq!(strip_metadata(b"BM no such format"), None);
}

#[test]
fn pdf_is_unreadable_and_scanned() {
    let body = b"%PDF-1.7\n1 0 obj <</Author (ada_l)>> endobj\nstream\n\x00\xff\xfe\x01\nendstream";
    let inspection = look("application/pdf", body);
    assert_eq!((found_people(&inspection), inspection.unreadable.len()), (vec![1], 1));
    assert!(!look("application/pdf", b"%PDF-1.7\n(text) only").unreadable.is_empty());
}

#[test]
fn an_image_in_a_message_is_found_out() {
    let image = png(&[chunk(b"tEXt", b"Author\0ada@school.example")]);
    let inspection = look("application/x-protobuf", &field(1, &field(2, &image)));
    assert_eq!(found_people(&inspection), [1]);
}
