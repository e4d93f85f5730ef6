# frozen_string_literal: true

# A whole session through the client that openapi-generator makes.

require 'json'
require 'net/http'
require 'prancer_auth_api'

def api(portal, token = nil)
  configuration = PrancerAuthApi::Configuration.new
  url = URI(portal)
  configuration.scheme = url.scheme
  configuration.host = "#{url.host}:#{url.port}"
  configuration.base_path = url.path
  configuration.server_index = nil
  # Without a token the client sends an empty one.
  configuration.access_token = token
  client = PrancerAuthApi::ApiClient.new(configuration)
  # Refresh and logout want it too, although they have no body.
  client.default_headers['Content-Type'] = 'application/json'
  PrancerAuthApi::AuthenticationApi.new(client)
end

def check(what, good)
  abort("not #{what}") unless good
  puts("ok #{what}")
end

# The status and the portal's reason of a call that it rejects.
def rejection
  yield
  abort('a call was not rejected')
rescue PrancerAuthApi::ApiError => e
  body = JSON.parse(e.response_body)
  [e.code, body.is_a?(Hash) ? body['message'].to_s : '']
end

begin
  portal = ENV.fetch('PRANCER_PORTAL')
  password = ENV.fetch('PRANCER_PASSWORD')
  credentials = PrancerAuthApi::Credentials.new(
    email: ENV.fetch('PRANCER_EMAIL'),
    password: "#{password}?",
    customer_id: ENV.fetch('PRANCER_CUSTOMER_ID')
  )
  wrong = rejection { api(portal).login(credentials) }
  check('wrong password rejected', wrong == [400, 'Invalid Email or Password'])

  credentials.password = password
  tokens = api(portal).login(credentials).data
  check('logged in', !tokens.token.empty? && !tokens.refresh_token.empty?)

  user = Net::HTTP.get_response(URI("#{portal}/api/user/get/"), 'authorization' => "Bearer #{tokens.token}")
  check('secure call', user.code == '200')

  renewed = api(portal, tokens.refresh_token).refresh.data
  check('refreshed', !renewed.token.empty? && renewed.token != tokens.token)

  mistaken, = rejection { api(portal, renewed.token).refresh }
  check('wrong token rejected by refresh', mistaken == 422)

  check('logged out', api(portal, renewed.token).logout.message == 'User logged out successfully!')

  status, reason = rejection { api(portal, tokens.refresh_token).refresh }
  check('refresh rejected after logout', status == 401 && !reason.empty?)
rescue StandardError => e
  # Its text may hold what the portal answered.
  abort("the session failed: #{e.class}")
end
