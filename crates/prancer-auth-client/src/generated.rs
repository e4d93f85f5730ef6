//! Generated from `openapi/prancer-auth.yaml` by `cargo xtask generate`; do not edit.

#[allow(unused_imports)]
pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
#[allow(unused_imports)]
use progenitor_client::{ClientHooks, OperationInfo, RequestBuilderExt, encode_path};
/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
    /// What a user logs in with.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, schemars::JsonSchema)]
    pub struct Credentials {
        /// Valid customer id of the user, for example `customer1` or `prancer-customer1`.
        pub customer_id: ::std::string::String,
        /// Valid email address of the user.
        pub email: ::std::string::String,
        pub password: crate::Password,
    }
    /// The data of an answer that has none, an empty object.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, schemars::JsonSchema)]
    #[serde(transparent)]
    pub struct EmptyData(pub ::serde_json::Map<::std::string::String, ::serde_json::Value>);
    impl ::std::ops::Deref for EmptyData {
        type Target = ::serde_json::Map<::std::string::String, ::serde_json::Value>;
        fn deref(&self) -> &::serde_json::Map<::std::string::String, ::serde_json::Value> {
            &self.0
        }
    }
    impl ::std::convert::From<EmptyData>
        for ::serde_json::Map<::std::string::String, ::serde_json::Value>
    {
        fn from(value: EmptyData) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<::serde_json::Map<::std::string::String, ::serde_json::Value>>
        for EmptyData
    {
        fn from(value: ::serde_json::Map<::std::string::String, ::serde_json::Value>) -> Self {
            Self(value)
        }
    }
    /// The answer of a logout that succeeded.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, schemars::JsonSchema)]
    pub struct EmptyEnvelope {
        pub data: EmptyData,
        /// Empty on success.
        pub error: ::std::string::String,
        /// A sentence for a person, may be empty.
        pub message: ::std::string::String,
        pub metadata: Metadata,
        /// The HTTP status code, repeated.
        pub status: i32,
    }
    /// The answer of a call that failed.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, schemars::JsonSchema)]
    pub struct ErrorEnvelope {
        pub data: EmptyData,
        /// What kind of failure it is; may be empty where `message` or `error_list` says it.
        pub error: ::std::string::String,
        /// More about the failure; many answers have none.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub error_list: ::std::vec::Vec<::serde_json::Value>,
        /// A sentence for a person that says what went wrong.
        pub message: ::std::string::String,
        pub metadata: Metadata,
        /// The HTTP status code, repeated.
        pub status: i32,
    }
    /// What the portal adds about an answer, an empty object here.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, schemars::JsonSchema)]
    #[serde(transparent)]
    pub struct Metadata(pub ::serde_json::Map<::std::string::String, ::serde_json::Value>);
    impl ::std::ops::Deref for Metadata {
        type Target = ::serde_json::Map<::std::string::String, ::serde_json::Value>;
        fn deref(&self) -> &::serde_json::Map<::std::string::String, ::serde_json::Value> {
            &self.0
        }
    }
    impl ::std::convert::From<Metadata>
        for ::serde_json::Map<::std::string::String, ::serde_json::Value>
    {
        fn from(value: Metadata) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<::serde_json::Map<::std::string::String, ::serde_json::Value>>
        for Metadata
    {
        fn from(value: ::serde_json::Map<::std::string::String, ::serde_json::Value>) -> Self {
            Self(value)
        }
    }
    /// The answer of a login or a refresh that succeeded.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, schemars::JsonSchema)]
    pub struct TokenEnvelope {
        pub data: TokenPair,
        /// Empty on success.
        pub error: ::std::string::String,
        /// A sentence for a person, may be empty.
        pub message: ::std::string::String,
        pub metadata: Metadata,
        /// The HTTP status code, repeated.
        pub status: i32,
    }
    /// The tokens of a session.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, schemars::JsonSchema)]
    pub struct TokenPair {
        pub refresh_token: crate::RefreshToken,
        pub token: crate::AccessToken,
    }
    /// Error types.
    pub mod error {
        /// Error from a `TryFrom` or `FromStr` implementation.
        pub struct ConversionError(::std::borrow::Cow<'static, str>);
        impl ::std::error::Error for ConversionError {}
        impl ::std::fmt::Display for ConversionError {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }
        impl ::std::fmt::Debug for ConversionError {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }
        impl From<&'static str> for ConversionError {
            fn from(value: &'static str) -> Self {
                Self(value.into())
            }
        }
        impl From<String> for ConversionError {
            fn from(value: String) -> Self {
                Self(value.into())
            }
        }
    }
    impl Credentials {
        /// With what has to be there; what may be missing is as if it were.
        pub fn new(
            email: ::std::string::String,
            password: crate::Password,
            customer_id: ::std::string::String,
        ) -> Self {
            Self {
                email,
                password,
                customer_id,
            }
        }
    }
    impl EmptyEnvelope {
        /// With what has to be there; what may be missing is as if it were.
        pub fn new(
            data: EmptyData,
            error: ::std::string::String,
            message: ::std::string::String,
            metadata: Metadata,
            status: i32,
        ) -> Self {
            Self {
                data,
                error,
                message,
                metadata,
                status,
            }
        }
    }
    impl ErrorEnvelope {
        /// With what has to be there; what may be missing is as if it were.
        pub fn new(
            data: EmptyData,
            error: ::std::string::String,
            message: ::std::string::String,
            metadata: Metadata,
            status: i32,
        ) -> Self {
            Self {
                data,
                error,
                error_list: ::std::default::Default::default(),
                message,
                metadata,
                status,
            }
        }
    }
    impl TokenEnvelope {
        /// With what has to be there; what may be missing is as if it were.
        pub fn new(
            data: TokenPair,
            error: ::std::string::String,
            message: ::std::string::String,
            metadata: Metadata,
            status: i32,
        ) -> Self {
            Self {
                data,
                error,
                message,
                metadata,
                status,
            }
        }
    }
    impl TokenPair {
        /// With what has to be there; what may be missing is as if it were.
        pub fn new(refresh_token: crate::RefreshToken, token: crate::AccessToken) -> Self {
            Self {
                refresh_token,
                token,
            }
        }
    }
}
#[derive(Clone, Debug)]
/// Client for Prancer Authentication API
///
/// Hands out, renews and ends the token that guards every API of Prancer Enterprise.
///
/// Version: 1.1.0
pub struct Client {
    pub(crate) baseurl: String,
    pub(crate) client: reqwest::Client,
    pub(crate) inner: crate::Credential,
}
impl Client {
    /// Create a new client.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new(baseurl: &str, inner: crate::Credential) -> Self {
        #[cfg(not(target_arch = "wasm32"))]
        let client = {
            let dur = ::std::time::Duration::from_secs(15u64);
            reqwest::ClientBuilder::new()
                .connect_timeout(dur)
                .timeout(dur)
        };
        #[cfg(target_arch = "wasm32")]
        let client = reqwest::ClientBuilder::new();
        Self::new_with_client(baseurl, client.build().unwrap(), inner)
    }
    /// Construct a new client with an existing `reqwest::Client`,
    /// allowing more control over its configuration.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new_with_client(
        baseurl: &str,
        client: reqwest::Client,
        inner: crate::Credential,
    ) -> Self {
        Self {
            baseurl: baseurl.to_string(),
            client,
            inner,
        }
    }
}
impl ClientInfo<crate::Credential> for Client {
    fn api_version() -> &'static str {
        "1.1.0"
    }
    fn baseurl(&self) -> &str {
        self.baseurl.as_str()
    }
    fn client(&self) -> &reqwest::Client {
        &self.client
    }
    fn inner(&self) -> &crate::Credential {
        &self.inner
    }
}
const _: () = {
    #[allow(dead_code)]
    fn assert_client_hooks()
    where
        Client: ClientHooks<crate::Credential>,
    {
    }
};
#[allow(clippy::all)]
impl Client {
    /// Log in
    ///
    /// Exchanges an email address, a password and a customer id for an access token and a refresh token.
    ///
    /// The access token is valid for 7 days. Send it as `Authorization: Bearer <token>` to every other secure API.
    /// Send `content-type: application/json`.
    ///
    ///
    /// Sends a `POST` request to `/api/login/`
    ///
    /// Arguments:
    /// - `body`: Who logs in.
    pub async fn login<'a>(
        &'a self,
        body: &'a types::Credentials,
    ) -> Result<ResponseValue<types::TokenEnvelope>, Error<types::ErrorEnvelope>> {
        let url = format!("{}/api/login/", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map.append(
            ::reqwest::header::HeaderName::from_static("api-version"),
            ::reqwest::header::HeaderValue::from_static(Self::api_version()),
        );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "login",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16 => Err(Error::ErrorResponse(
                ResponseValue::from_response(response).await?,
            )),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /// Renew the access token
    ///
    /// Exchanges the refresh token, sent as `Authorization: Bearer <refresh token>`, for a new access token without
    /// another login.
    ///
    /// The new access token is valid for 24 hours. Send `content-type: application/json`, although there is no body.
    ///
    /// Save the refresh token of this answer in place of the one that was sent. Whether it is another one is not documented;
    /// where the answer has none, the one that was sent goes on being good.
    ///
    ///
    /// Sends a `GET` request to `/api/refresh/token/`
    pub async fn refresh<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::TokenEnvelope>, Error<types::ErrorEnvelope>> {
        let url = format!("{}/api/refresh/token/", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map.append(
            ::reqwest::header::HeaderName::from_static("api-version"),
            ::reqwest::header::HeaderValue::from_static(Self::api_version()),
        );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "refresh",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            401u16 => Err(Error::ErrorResponse(
                ResponseValue::from_response(response).await?,
            )),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /// Log out
    ///
    /// Ends the session of the access token that is sent as `Authorization: Bearer <token>`.
    ///
    /// Once the user is logged out, the refresh token no longer works either.
    /// Send `content-type: application/json`, although there is no body.
    ///
    ///
    /// Sends a `POST` request to `/api/logout/`
    pub async fn logout<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::EmptyEnvelope>, Error<types::ErrorEnvelope>> {
        let url = format!("{}/api/logout/", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map.append(
            ::reqwest::header::HeaderName::from_static("api-version"),
            ::reqwest::header::HeaderValue::from_static(Self::api_version()),
        );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "logout",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            401u16 => Err(Error::ErrorResponse(
                ResponseValue::from_response(response).await?,
            )),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
}
/// Items consumers will typically use such as the Client.
pub mod prelude {
    #[allow(unused_imports)]
    pub use super::Client;
}
