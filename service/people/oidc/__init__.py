"""Single sign-on: people sign in at an OpenID provider that the installation names. Source: OpenID Connect Core 1.0."""
