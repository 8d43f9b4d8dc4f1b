// SPDX-License-Identifier: Apache-2.0
//! Keys and certificates, made anew for each cluster.

use anyhow::Context as _;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};

/// A certificate authority that nobody else knows.
#[derive(Debug)]
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    /// Makes one.
    ///
    /// # Errors
    /// When the machine has no random numbers.
    pub fn new() -> anyhow::Result<Self> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "test cluster");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().context("cannot make a key")?;
        let issuer = CertifiedIssuer::self_signed(params, key).context("cannot make an authority")?;
        Ok(Self { issuer })
    }

    /// Its certificate, as PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate for a server with these names or addresses, and its key, as PEM.
    ///
    /// # Errors
    /// When a name is none.
    pub fn issue(&self, names: &[&str]) -> anyhow::Result<(String, String)> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let key = KeyPair::generate().context("cannot make a key")?;
        let params = CertificateParams::new(names).context("cannot name a server")?;
        let certificate = params.signed_by(&key, &self.issuer).context("cannot sign")?;
        Ok((certificate.pem(), key.serialize_pem()))
    }
}

/// A key that signs the tokens of service accounts and the one that checks them, as PEM.
///
/// # Errors
/// When the machine has no random numbers.
pub(crate) fn token_keys() -> anyhow::Result<(String, String)> {
    let key = KeyPair::generate().context("cannot make a key")?;
    Ok((key.serialize_pem(), key.public_key_pem()))
}
