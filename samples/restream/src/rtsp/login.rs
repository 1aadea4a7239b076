// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who may watch.

use gst_rtsp::RTSPAuthMethod;
use gst_rtsp_server::prelude::*;
use gst_rtsp_server::{RTSPAuth, RTSPToken, gio};

use crate::config::{Rtsp, RtspAuth};
use crate::error::Error;

/// What viewers are, once they are known.
pub const ROLE: &str = "viewer";

/// What is to be checked of viewers; `None` where nothing is.
pub fn auth(settings: &Rtsp) -> Result<Option<RTSPAuth>, Error> {
    if settings.users.is_empty() && settings.tls.is_none() {
        return Ok(None);
    }
    let auth = RTSPAuth::new();
    auth.set_realm(Some("lynx"));
    auth.set_supported_methods(match settings.auth {
        RtspAuth::Basic => RTSPAuthMethod::Basic,
        RtspAuth::Digest => RTSPAuthMethod::Digest,
    });
    for (user, password) in &settings.users {
        match settings.auth {
            RtspAuth::Basic => auth.add_basic(&RTSPAuth::make_basic(user, &password.0), &token()),
            RtspAuth::Digest => auth.add_digest(user, &password.0, &token()),
        }
    }
    if settings.users.is_empty() {
        auth.set_default_token(Some(&mut token()));
    }
    if let Some(tls) = &settings.tls {
        let certificate = gio::TlsCertificate::from_files(&tls.certificate, &tls.key);
        let certificate = certificate.map_err(|error| {
            Error::Invalid(format!(
                "no certificate in {} with its key in {}: {error}; both are PEM files, and \
                 Debian's glib-networking must be installed",
                tls.certificate.display(),
                tls.key.display()
            ))
        })?;
        auth.set_tls_certificate(Some(&certificate));
    }
    Ok(Some(auth))
}

fn token() -> RTSPToken {
    RTSPToken::builder()
        .field("media.factory.role", ROLE)
        .build()
}
