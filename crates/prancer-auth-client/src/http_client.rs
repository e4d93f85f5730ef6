//! The HTTP client that login, refresh and logout go through.

use reqwest::redirect::Policy;

/// Makes a [`reqwest::Client`] that is fit for the three calls: it follows no redirect.
///
/// A redirect would carry a password or a token to where it leads. Everything else is the caller's: `builder` brings
/// timeouts (there are none by default), a proxy, certificates. For a portal at `http://`, it should say `no_proxy()`. Where this crate
/// is built without TLS, no proxy is used: it would get in the clear what was to be encrypted.
///
/// # Errors
///
/// What [`reqwest::ClientBuilder::build`] says, for example when TLS cannot be set up.
pub fn http_client(builder: reqwest::ClientBuilder) -> reqwest::Result<reqwest::Client> {
    #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
    let builder = builder.no_proxy();
    builder.redirect(Policy::none()).build()
}

#[cfg(all(test, not(any(feature = "rustls", feature = "native-tls"))))]
mod tests_without_tls {
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn without_tls_a_proxy_gets_nothing_in_the_clear() {
        let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", proxy.local_addr().unwrap());
        let proxied = reqwest::Proxy::all(url).unwrap();
        let client = http_client(reqwest::Client::builder().proxy(proxied)).unwrap();
        // A proxy that is asked would not answer.
        let request = client.get("https://portal.example/");
        let answer = request.timeout(Duration::from_secs(10)).send().await;
        assert!(answer.is_err());
        proxy.set_nonblocking(true).unwrap();
        assert!(proxy.accept().is_err(), "it was asked");
    }
}

#[cfg(all(test, any(feature = "rustls", feature = "native-tls")))]
mod tests {
    use std::io::Read as _;
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// The first byte of a TLS handshake.
    const HANDSHAKE: u8 = 0x16;

    #[tokio::test]
    async fn https_speaks_tls() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let mut first = [0];
            listener.accept().unwrap().0.read_exact(&mut first).unwrap();
            first[0]
        });
        let client = http_client(reqwest::Client::builder()).unwrap();
        // The server hangs up after the first byte.
        assert!(client.get(url).send().await.is_err());
        assert_eq!(server.join().unwrap(), HANDSHAKE);
    }
}
