"""How AWS calls fail, as tables: by botocore's class, by AWS's code, and the sentence of each kind."""

from __future__ import annotations

from typing import Literal

Kind = Literal[
    "denied",
    "expired",
    "invalid_credentials",
    "no_credentials",
    "login",
    "clock",
    "throttled",
    "unreachable",
    "server",
    "not_found",
    "conflict",
    "bad_request",
    "config",
    "no_region",
    "other",
]
"""`denied`: one permission is missing, everything else may go on. `login`: a person must log in again (SSO,
MFA) in another terminal. `throttled`, `unreachable` and `server` pass by themselves."""

# ------------------------------------------------------------------ AWS never answered

_KEYS = "Set AWS_PROFILE or --profile, AWS_ACCESS_KEY_ID and its secret, or give this host an instance role."
_LOGIN_SSO = "Run `aws sso login` (with the same --profile) in another terminal; msktop goes on by itself."
_LOGIN = "Run `aws login` (with the same --profile) in another terminal; msktop goes on by itself."
_LOGIN_MFA = (
    "Run `aws sts get-caller-identity` with the same --profile in another terminal and type the code there: "
    "msktop uses the AWS CLI's cache."
)
_CONFIG = "See ~/.aws/config and ~/.aws/credentials, or AWS_CONFIG_FILE."
_NO_WAY = (
    "Has this host a way there? A subnet without NAT needs an interface VPC endpoint for the service, "
    "or HTTPS_PROXY must be set."
)

UNANSWERED: dict[str, tuple[Kind, str, str]] = {
    "NoCredentialsError": ("no_credentials", "no AWS credentials were found", _KEYS),
    "NoAuthTokenError": ("no_credentials", "no AWS credentials were found", _KEYS),
    "PartialCredentialsError": ("no_credentials", "half of the AWS credentials is missing: {said}", _CONFIG),
    "UnauthorizedSSOTokenError": ("login", "the AWS SSO session has ended", _LOGIN_SSO),
    "SSOTokenLoadError": ("login", "there is no AWS SSO session", _LOGIN_SSO),
    "SSOError": ("login", "the AWS SSO session is of no use: {said}", _LOGIN_SSO),
    "TokenRetrievalError": ("login", "the AWS SSO session cannot be renewed", _LOGIN_SSO),
    "LoginInsufficientPermissions": (
        "denied",
        "AWS does not let this login be renewed",
        "Allow signin:CreateOAuth2Token, or use another profile.",
    ),
    "LoginError": ("login", "the AWS login has ended", _LOGIN),
    "RefreshWithMFAUnsupportedError": ("login", "the role's session has ended, and it wants MFA", _LOGIN_MFA),
    "PromptNeededError": ("login", "AWS wants an MFA code", _LOGIN_MFA),
    "MetadataRetrievalError": ("no_credentials", "the instance's role gave no credentials: {said}", _KEYS),
    "CredentialRetrievalError": (
        "no_credentials",
        "the AWS credentials could not be had: {said}",
        "Run what the profile names (credential_process, source_profile) by hand and see.",
    ),
    "ProfileNotFound": (
        "config",
        "{said}",
        "`aws configure list-profiles` lists them. " + _CONFIG,
    ),
    "InfiniteLoopConfigError": ("config", "{said}", _CONFIG),
    "InvalidConfigError": ("config", "the AWS configuration is wrong: {said}", _CONFIG),
    "ConfigNotFound": ("config", "{said}", _CONFIG),
    "ConfigParseError": ("config", "{said}", _CONFIG),
    "UnknownCredentialError": ("config", "the AWS configuration is wrong: {said}", _CONFIG),
    "MissingDependencyException": (
        "config",
        "this login needs more: {said}",
        "Install botocore[crt].",
    ),
    "NoRegionError": (
        "no_region",
        "no AWS region is set",
        "Give --region, set AWS_REGION, or a region in the profile.",
    ),
    "InvalidRegionError": ("config", "{said}", "A region looks like eu-west-1."),
    "UnknownRegionError": ("config", "{said}", "A region looks like eu-west-1."),
    "ProxyConnectionError": (
        "unreachable",
        "the HTTP proxy on the way to AWS does not answer",
        "Check HTTPS_PROXY and NO_PROXY.",
    ),
    "SSLError": (
        "unreachable",
        "the AWS endpoint's certificate is not trusted: {said}",
        "Does somebody inspect TLS on the way? Set AWS_CA_BUNDLE to their CA.",
    ),
    "ConnectTimeoutError": ("unreachable", "the AWS endpoint does not answer TCP: {said}", _NO_WAY),
    "ReadTimeoutError": ("unreachable", "the AWS endpoint gives no answer: {said}", _NO_WAY),
    "EndpointConnectionError": (
        "unreachable",
        "{said}",
        "Is the region right, and does its name resolve here? " + _NO_WAY,
    ),
    "ConnectionError": ("unreachable", "the connection to AWS broke: {said}", _NO_WAY),
    "HTTPClientError": ("unreachable", "the connection to AWS broke: {said}", _NO_WAY),
    "InvalidEndpointConfigurationError": ("config", "{said}", "Check --endpoint-url and AWS_ENDPOINT_URL."),
    "RuntimeError": (  # botocore's own, of a process or a role that hands out what has ended already
        "expired",
        "the AWS credentials were renewed, but the new ones have expired as well",
        "Log in again where they come from; is this host's clock right?",
    ),
    "OSError": ("no_credentials", "the AWS credentials could not be had: {said}", _CONFIG),
    "JSONDecodeError": (
        "no_credentials",
        "the profile's credential_process does not answer in JSON: {said}",
        "Run it by hand and see.",
    ),
    "ParamValidationError": ("bad_request", "the call is wrong: {said}", ""),
    "ValidationError": ("bad_request", "{said}", ""),
}
"""By botocore's class or the nearest of its bases. More special ones come first in the classes' own order."""

# ------------------------------------------------------------------ AWS answered with an error

_CODES: dict[Kind, tuple[str, ...]] = {
    "denied": (
        "AccessDenied",
        "AccessDeniedException",
        "ForbiddenException",
        "UnauthorizedOperation",
        "AuthorizationError",
        "NotAuthorized",
        "OptInRequired",
        "SubscriptionRequiredException",
    ),
    "expired": ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"),
    "clock": ("RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"),
    "invalid_credentials": (
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        "AuthFailure",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "UnauthorizedException",
    ),
    "throttled": (
        "TooManyRequestsException",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "EC2ThrottledException",
        "SlowDown",
    ),
    "server": (
        "InternalServerErrorException",
        "ServiceUnavailableException",
        "InternalFailure",
        "InternalServiceFault",
        "InternalError",
        "ServiceUnavailable",
        "Unavailable",
    ),
    "not_found": ("NotFoundException", "ResourceNotFoundException", "ResourceNotFound"),
    "conflict": ("ConflictException", "ResourceInUseException"),
    "bad_request": (
        "BadRequestException",
        "ValidationError",
        "ValidationException",
        "InvalidParameterValue",
        "InvalidParameterCombination",
        "MissingParameter",
    ),
}
KIND_OF = {code: kind for kind, codes in _CODES.items() for code in codes}
BY_STATUS: dict[int, Kind] = {
    400: "bad_request",
    401: "invalid_credentials",
    403: "denied",
    404: "not_found",
    409: "conflict",
    429: "throttled",
}

SENTENCES: dict[Kind, tuple[str, str]] = {
    "expired": (
        "the AWS credentials have expired",
        "Renew them where they come from; msktop reads them again by itself.",
    ),
    "clock": (
        "AWS finds this host's clock wrong{said}",
        "Set the clock: AWS takes requests up to 5 minutes off.",
    ),
    "invalid_credentials": (
        "AWS does not accept these credentials{said}",
        "Is the key active, of this account and partition, and AWS_SESSION_TOKEN the one that belongs to it?",
    ),
    "throttled": (
        "AWS throttles {action}",
        "The account's limits are shared with everybody who uses it; msktop asks less often by itself.",
    ),
    "server": ("AWS itself failed at {action}{said}", "It is tried again."),
    "not_found": (
        "AWS knows no such thing{said}",
        "Check name, ARN, region and account: a cluster is seen only in its own region.",
    ),
    "conflict": ("AWS cannot do {action} now{said}", "Something else is under way: wait for its end."),
    "bad_request": ("AWS finds {action} wrong{said}", ""),
    "other": ("{action} failed{said}", ""),
}
"""Title and advice of what AWS answers; `denied` has its own."""
