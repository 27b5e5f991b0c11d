"""Settings, one module per surrounding: base, dev, test, prod. Everything site-specific is read from the environment."""
