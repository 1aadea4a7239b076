// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who may ask.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use crate::config;

/// With a token, who brings it. Without one, who asks this machine by its own name: a page of
/// somebody else in the browser of this machine does not (DNS rebinding), or says whose it is
/// (`Origin`).
pub struct Guard {
    token: Option<String>,
}

impl Guard {
    pub fn new(settings: &config::Http) -> Self {
        Self {
            token: settings.token.as_ref().map(|token| token.0.clone()),
        }
    }

    fn refuses(&self, method: &Method, headers: &HeaderMap) -> Option<Problem> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(token) = &self.token {
            let brought =
                text(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
            let right = brought.is_some_and(|brought| same(brought.trim(), token));
            let why = "bring the token: Authorization: Bearer TOKEN";
            return (!right).then(|| Problem::new(StatusCode::UNAUTHORIZED, why));
        }
        let host = text(header::HOST).unwrap_or_default();
        if !is_this_machine(host) {
            let why = "without a token, only callers of localhost and 127.0.0.1 are answered";
            return Some(Problem::new(StatusCode::FORBIDDEN, why));
        }
        let theirs = text(header::ORIGIN).and_then(|origin| origin.split_once("://"));
        let foreign = theirs.is_some_and(|(_, origin)| origin != host)
            || headers.get(header::ORIGIN).is_some() && theirs.is_none();
        if foreign && method != Method::GET {
            let why = "a page of another origin may not change anything here";
            return Some(Problem::new(StatusCode::FORBIDDEN, why));
        }
        None
    }
}

pub async fn check(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    match guard.refuses(request.method(), request.headers()) {
        None => next.run(request).await,
        Some(problem) if problem.status == StatusCode::UNAUTHORIZED => {
            let scheme = [(header::WWW_AUTHENTICATE, "Bearer realm=\"lynx\"")];
            (scheme, problem).into_response()
        }
        Some(problem) => problem.into_response(),
    }
}

/// Takes as long for any two texts of the same length.
fn same(a: &str, b: &str) -> bool {
    let differing = a
        .bytes()
        .zip(b.bytes())
        .fold(0, |all, (a, b)| all | (a ^ b));
    a.len() == b.len() && std::hint::black_box(differing) == 0
}

/// `localhost`, or an address that leads back here, with or without a port.
fn is_this_machine(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').unwrap_or_default(),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    if !port.is_empty() && !port.starts_with(':') {
        return false;
    }
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(token: Option<&str>, method: Method, headers: &[(&str, &str)]) -> Option<u16> {
        let guard = Guard {
            token: token.map(String::from),
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: header::HeaderName = name.parse().unwrap();
            map.insert(name, value.parse().unwrap());
        }
        guard.refuses(&method, &map).map(|p| p.status.as_u16())
    }

    #[test]
    fn with_a_token_only_who_brings_it_is_answered() {
        let token = Some("0123456789abcdef");
        let with = |value| refused(token, Method::GET, &[("authorization", value)]);
        assert_eq!(with("Bearer 0123456789abcdef"), None);
        for wrong in [
            "Bearer 0123456789abcdee",
            "Bearer ",
            "Basic 0123456789abcdef",
            "Bearer 0123456789abcdef0",
        ] {
            assert_eq!(with(wrong), Some(401), "{wrong}");
        }
        assert_eq!(
            refused(token, Method::GET, &[("host", "localhost")]),
            Some(401)
        );
    }

    #[test]
    fn without_one_only_this_machine_and_its_own_page_are() {
        for host in ["localhost:8080", "127.0.0.1", "[::1]:8080", "127.0.0.2:1"] {
            assert_eq!(
                refused(None, Method::GET, &[("host", host)]),
                None,
                "{host}"
            );
        }
        for host in [
            "evil.example",
            "192.0.2.1:8080",
            "",
            "localhost.evil.example",
            "[::1].evil.example",
            "[::1",
        ] {
            assert_eq!(
                refused(None, Method::GET, &[("host", host)]),
                Some(403),
                "{host}"
            );
        }
        let post = |origin| {
            refused(
                None,
                Method::POST,
                &[("host", "localhost:8080"), ("origin", origin)],
            )
        };
        assert_eq!(post("http://localhost:8080"), None);
        assert_eq!(post("http://evil.example"), Some(403));
        assert_eq!(post("http://localhost:9090"), Some(403));
        assert_eq!(post("null"), Some(403));
    }
}
