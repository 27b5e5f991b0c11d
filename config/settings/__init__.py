"""Settings, one module per surrounding: base, dev, test, prod. The environment says what is of a site."""
