use super::*;

/// Written by the libraries themselves, of passwords of nobody.
#[test]
fn password_hashes_of_frameworks_are_known() {
    let bcrypt = "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW";
    for (value, shape) in [
        (bcrypt, Shape::Bcrypt),
        (&format!("bcrypt${bcrypt}"), Shape::Bcrypt),
        (&format!("bcrypt_sha256${bcrypt}"), Shape::Bcrypt),
        (
            "$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
            Shape::Bcrypt,
        ),
        (
            "$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
            Shape::Bcrypt,
        ),
        (
            "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b2dWRWJTmaaJObG",
            Shape::Argon2,
        ),
        (
            "argon2$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHQ$RdescudvJCsgt3ub+b2dWRWJTmaaJObG",
            Shape::Argon2,
        ),
        (
            "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
            Shape::Scrypt,
        ),
        (&format!("scrypt:32768:8:1$salt${}", "0a".repeat(64)), Shape::Scrypt),
        (
            &format!("400$8$36$78f4ae6983f76119${}", "37ec6ce55a2b928d".repeat(4)),
            Shape::Scrypt,
        ),
        (
            "pbkdf2_sha256$260000$seasalt2$YlZ2Vggtqdc61YjArZuoApoBh9JNGYoDRBUGu6tcJQo=",
            Shape::Pbkdf2,
        ),
        (
            "$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk",
            Shape::Pbkdf2,
        ),
        (&format!("pbkdf2:sha256:150000$salt${}", "ab".repeat(32)), Shape::Pbkdf2),
        (&format!("$6$rounds=656000$saltstring${}", "a".repeat(86)), Shape::Crypt),
        (&format!("$y$j9T$saltstring${}", "a".repeat(43)), Shape::Crypt),
        ("sha1$c6218$161d1ac8ab38979c5a31cbaba4a67378e7e60845", Shape::FastSalted),
        ("{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr", Shape::FastSalted),
        ("!kCdPnNZo1hXqUzXbZ0bWwW2sWZ8uQmGh1Xf9aRsD", Shape::Empty),
        ("", Shape::Empty),
        ("geheim", Shape::Other),
        ("correct horse battery staple", Shape::Other),
        ("ada@birch.example", Shape::Other),
    ] {
        assert_eq!(Shape::of(value), shape, "{value}");
    }
}

#[test]
fn bare_digests_are_told_from_words() {
    let md5 = "b8764f8e7b1d0d5a4d2a9b3a0a4b9a6d";
    for value in [
        md5,
        &md5.to_uppercase(),
        &format!("md5:{md5}"),
        &format!("{{MD5}}{md5}"),
        "uHZPjnsdDVpNKps6CkuabQ==",
    ] {
        assert!(
            matches!(Shape::of(value), Shape::Digest(_)),
            "{value}: {:?}",
            Shape::of(value)
        );
    }
    for value in [
        "adalovelaceadalovelace",
        "gallery-of-birch-school-2",
        "12345678901234567890123456789012345",
    ] {
        assert_eq!(Shape::of(value), Shape::Other, "{value}");
    }
}

#[test]
fn what_encryption_writes_is_known() {
    for value in [
        "gAAAAABhZ0F0ZGF0YWRhdGFkYXRhZGF0YWRhdGFkYXRhZGF0YQ==",
        "vault:v1:8SDd3WHDOjf7mq69CyCqYjBXAiQQAVZRkFM13ok481zoCmHnSeDX9vyf7w==",
        "{\"p\":\"oVbYhQ==\",\"h\":{\"iv\":\"l6X4\",\"at\":\"x1==\"}}",
        "eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn",
    ] {
        assert_eq!(Shape::of(value), Shape::Encrypted, "{value}");
    }
}
