//! How numbers are dialled inside a country.
//!
//! Source: ITU-T E.164 annexed list of assigned codes; ITU-T E.129 national numbering plans.

/// A country's dialling: ISO 3166-1 code, calling code, what is dialled before a national number.
pub(crate) struct Dialling {
    country: &'static str,
    pub(crate) code: &'static str,
    pub(crate) trunk: &'static str,
}

const fn row(country: &'static str, code: &'static str, trunk: &'static str) -> Dialling {
    Dialling { country, code, trunk }
}

/// `0` is the trunk prefix of most; the others are here for theirs, or to be named as a school's country.
const DIALLING: [Dialling; 56] = [
    row("US", "1", "1"),
    row("CA", "1", "1"),
    row("PR", "1", "1"),
    row("JM", "1", "1"),
    row("RU", "7", "8"),
    row("KZ", "7", "8"),
    row("EG", "20", "0"),
    row("ZA", "27", "0"),
    row("GR", "30", ""),
    row("NL", "31", "0"),
    row("BE", "32", "0"),
    row("FR", "33", "0"),
    row("ES", "34", ""),
    row("HU", "36", "06"),
    row("IT", "39", ""),
    row("RO", "40", "0"),
    row("CH", "41", "0"),
    row("AT", "43", "0"),
    row("GB", "44", "0"),
    row("DK", "45", ""),
    row("SE", "46", "0"),
    row("NO", "47", ""),
    row("PL", "48", ""),
    row("DE", "49", "0"),
    row("PE", "51", "0"),
    row("MX", "52", ""),
    row("AR", "54", "0"),
    row("BR", "55", "0"),
    row("CL", "56", ""),
    row("CO", "57", ""),
    row("MY", "60", "0"),
    row("AU", "61", "0"),
    row("ID", "62", "0"),
    row("PH", "63", "0"),
    row("NZ", "64", "0"),
    row("SG", "65", ""),
    row("TH", "66", "0"),
    row("JP", "81", "0"),
    row("KR", "82", "0"),
    row("VN", "84", "0"),
    row("CN", "86", "0"),
    row("TR", "90", "0"),
    row("IN", "91", "0"),
    row("PK", "92", "0"),
    row("NG", "234", "0"),
    row("KE", "254", "0"),
    row("PT", "351", ""),
    row("LU", "352", ""),
    row("IE", "353", "0"),
    row("IS", "354", ""),
    row("FI", "358", "0"),
    row("LT", "370", "0"),
    row("UA", "380", "0"),
    row("CZ", "420", ""),
    row("SK", "421", "0"),
    row("IL", "972", "0"),
];

/// The dialling of a country, by its code in capitals.
pub(crate) fn dialling_in(country: &str) -> Option<&'static Dialling> {
    DIALLING.iter().find(|row| row.country == country)
}

/// The dialling where the calling code is this.
pub(crate) fn dialling_of(code: &str) -> Option<&'static Dialling> {
    DIALLING.iter().find(|row| row.code == code)
}
