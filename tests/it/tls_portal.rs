//! A portal behind TLS, with certificates of every kind.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::raw_portal::{Step, good, read};

/// A certification authority of one story.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        // Not the name of those that it signs, which OpenSSL would take for self-signed.
        params
            .distinguished_name
            .push(DnType::CommonName, "authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for this name, and its key.
    pub(crate) fn issues(&self, name: &str) -> (String, String) {
        self.signs(CertificateParams::new([name.to_owned()]).unwrap())
    }

    /// The same, but it has expired.
    pub(crate) fn issued_long_ago(&self, name: &str) -> (String, String) {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        expire(&mut params);
        self.signs(params)
    }

    fn signs(&self, params: CertificateParams) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}

/// What the portal shows.
pub(crate) enum Shows<'a> {
    Good(&'a Authority),
    Expired(&'a Authority),
    /// For another name.
    Another(&'a Authority),
    SelfSigned,
}

pub(crate) struct TlsPortal {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl TlsPortal {
    pub(crate) fn start(shows: Shows<'_>) -> Self {
        let config = Arc::new(config(shows));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let all = Arc::clone(&heard);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let Ok(connection) = connection else { return };
                let (config, all) = (Arc::clone(&config), Arc::clone(&all));
                thread::spawn(move || serve(connection, config, &all));
            }
        });
        Self { address, heard }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    /// What was said to it, once the connection was trusted.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

fn config(shows: Shows<'_>) -> ServerConfig {
    let name = match shows {
        Shows::Another(_) => "portal.example",
        _ => "localhost",
    };
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    if let Shows::Expired(_) = shows {
        expire(&mut params);
    }
    let key = KeyPair::generate().unwrap();
    let certificate = match shows {
        Shows::SelfSigned => params.self_signed(&key),
        Shows::Good(authority) | Shows::Expired(authority) | Shows::Another(authority) => {
            params.signed_by(&key, &authority.0)
        }
    };
    let chain = vec![CertificateDer::from(certificate.unwrap())];
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.unwrap().with_no_client_auth();
    config.with_single_cert(chain, key).unwrap()
}

fn expire(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2019, 1, 1);
    params.not_after = date_time_ymd(2020, 1, 1);
}

fn serve(connection: TcpStream, config: Arc<ServerConfig>, heard: &Mutex<Vec<String>>) {
    let connection_state = ServerConnection::new(config).unwrap();
    let mut connection = StreamOwned::new(connection_state, connection);
    while let Some(request) = read(&mut connection) {
        heard.lock().unwrap().push(request.clone());
        for step in good(&request) {
            if let Step::Send(bytes) = step
                && connection.write_all(&bytes).is_err()
            {
                return;
            }
        }
    }
}
