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
/// `?password=***`.
pub fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        // Passwords may hold anything but what ends a word; / and ? stand in them by mistake.
        let end = after
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '`'))
            .unwrap_or(after.len());
        // Another address may follow in the same word.
        let end = after[..end].find("://").map_or(end, |next| {
            let scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
            after[..next].trim_end_matches(scheme).len()
        });
        let (address, next) = after.split_at(end);
        address_without(address, &mut out);
        rest = next;
    }
    out.push_str(rest);
    out
}

fn address_without(address: &str, out: &mut String) {
    let address = match address.rsplit_once('@') {
        Some((_, host)) => {
            out.push_str("***@");
            host
        }
        None => address,
    };
    let Some((path, query)) = address.split_once('?') else {
        return out.push_str(address);
    };
    out.push_str(path);
    let mut separator = '?';
    for pair in query.split('&') {
        out.push(separator);
        separator = '&';
        match pair.split_once('=') {
            Some((name, _)) if is_secret(name) => {
                out.push_str(name);
                out.push_str("=***");
            }
            _ => out.push_str(pair),
        }
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET.iter().any(|secret| name.contains(secret))
}

#[cfg(test)]
mod tests {
    use super::redact;

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
            ("rtsp://u:p@h,http://v:q@i", "rtsp://***@h,http://***@i"),
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
}
