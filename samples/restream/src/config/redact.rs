// SPDX-License-Identifier: MIT OR Apache-2.0

/// Values of these in an address are taken for secrets.
const SECRET: [&str; 12] = [
    "password",
    "passwd",
    "pwd",
    "pass",
    "user",
    "usr",
    "token",
    "auth",
    "key",
    "secret",
    "login",
    "signature",
];

/// The text without the names and passwords of the addresses in it: `rtsp://***@host/…`, and
/// `?password=***`. An address ends where a word does; of two in one word the first host goes, too.
pub fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '`');
        let (address, next) = after.split_at(after.find(ends).unwrap_or(after.len()));
        address_without(address, &mut out);
        rest = next;
    }
    out.push_str(rest);
    out
}

/// The same of a text that is one address and nothing else, whatever stands in it; also where
/// somebody forgot the scheme.
pub fn redact_source(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    match text.split_once("://") {
        Some((scheme, address)) if scheme.trim().chars().all(is_scheme) => {
            out.push_str(scheme);
            out.push_str("://");
            address_without(address, &mut out);
        }
        Some(_) => address_without(text, &mut out),
        None if lacks_scheme(text) => address_without(text, &mut out),
        None => out.push_str(text),
    }
    out
}

/// Whether this is `user:password@host` rather than a file: those with such names are written
/// `./a:b@c`.
pub fn lacks_scheme(text: &str) -> bool {
    let login = text.rsplit_once('@').map(|(login, _)| login);
    login.is_some_and(|login| login.contains(':')) && !text.starts_with(['/', '.', '~'])
}

/// Values of secrets go first: they may hold an @. Then all up to the last @: passwords may hold
/// anything, / and ? and @ and :// by mistake.
fn address_without(address: &str, out: &mut String) {
    let hidden = |pair: &str| match secret_value(pair) {
        Some(at) => format!("{}***", &pair[..at]),
        None => pair.into(),
    };
    let pairs: Vec<_> = address.split('&').map(hidden).collect();
    let address = pairs.join("&");
    match address.rsplit_once('@') {
        Some((_, rest)) => {
            out.push_str("***@");
            out.push_str(rest);
        }
        None => out.push_str(&address),
    }
}

/// Where the first secret of `path?name=value` begins.
fn secret_value(pair: &str) -> Option<usize> {
    let secret = |at: usize| {
        let name = pair[..at].rsplit(['?', ';', '#', '=', ',']).next();
        name.is_some_and(is_secret)
    };
    let mut signs = pair.match_indices('=').map(|(at, _)| at);
    signs.find(|at| secret(*at)).map(|at| at + 1)
}

fn is_secret(name: &str) -> bool {
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    let name = name.to_ascii_lowercase();
    SECRET.iter().any(|secret| name.contains(secret))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{redact, redact_source};

    #[test]
    fn passwords_go_and_the_rest_stays() {
        for (text, expected) in [
            ("rtsp://u:p@h:554/s", "rtsp://***@h:554/s"),
            (
                "could not open rtsp://u:p@[::1]/x: no",
                "could not open rtsp://***@[::1]/x: no",
            ),
            ("rtsp://u:a/b@c?d@h/x", "rtsp://***@h/x"),
            (
                "a rtsp://u:p@h b http://v:q@i c",
                "a rtsp://***@h b http://***@i c",
            ),
            ("rtsp://u:p@h,http://v:q@i", "rtsp://***@i"),
            ("http://h/?password=a@b", "http://h/?password=***"),
            ("rtsp://u:a://b@h/x", "rtsp://***@h/x"),
            ("http://h/?mail=a@b&password=c", "http://***@b&password=***"),
            (
                "http://h/?a=1,http://i/?pass%77ord=b&c=2",
                "http://h/?a=1,http://i/?pass%77ord=***&c=2",
            ),
            (
                "http://h/x?user=a&Password=b&size=3",
                "http://h/x?user=***&Password=***&size=3",
            ),
            ("no address: a@b", "no address: a@b"),
            ("rtsp://host/stream", "rtsp://host/stream"),
        ] {
            assert_eq!(redact(text), expected);
        }
    }

    #[test]
    fn a_source_is_one_address_whatever_stands_in_it() {
        for (text, expected) in [
            ("rtsp://u:two words\"@h/s", "rtsp://***@h/s"),
            ("admin:S3cr3t@192.0.2.7/s", "***@192.0.2.7/s"),
            ("clips/a@b.mp4", "clips/a@b.mp4"),
            ("./a:b@c.mp4", "./a:b@c.mp4"),
            ("test:ball?fps=5", "test:ball?fps=5"),
        ] {
            assert_eq!(redact_source(text), expected);
        }
    }

    const PASSWORD: &str = "S3cr3t";

    proptest! {
        #[test]
        fn no_password_survives_in_a_text(
            front in "[^\"<>`\\s]{0,8}", back in "[^\"<>`\\s]{0,8}", value in "[^\"<>`\\s&]{0,8}",
            host in "[a-z.:\\[\\]0-9]{1,12}", path in "(/[a-z?&=@,:/]{0,12})?",
            before in "(.{0,12} )?", after in "( .{0,12})?",
        ) {
            let login = format!("rtsp://u:{front}{PASSWORD}{back}@{host}{path}");
            let query = format!("http://{host}/x?a=1&user={value}{PASSWORD}{back}&size=3");
            for address in [
                login.clone(), query.clone(), format!("{login},{query}"), format!("{query},{login}"),
            ] {
                let shown = redact(&format!("{before}{address}{after}"));
                prop_assert!(!shown.contains(PASSWORD), "{}", shown);
                prop_assert_eq!(&redact(&shown), &shown);
            }
        }

        #[test]
        fn no_password_survives_in_a_source(
            front in ".{0,8}", back in ".{0,8}", value in "[^&]{0,8}", path in "(/[a-z?&=@,:/]{0,12})?",
            scheme in "(rtsp://|https://|ftp://)?",
        ) {
            let login = format!("{scheme}u:{front}{PASSWORD}{back}@h{path}");
            let query = format!("http://h{path}?password={value}{PASSWORD}{back}");
            for source in [login, query] {
                let shown = redact_source(&source);
                prop_assert!(!shown.contains(PASSWORD), "{}", shown);
            }
        }
    }
}
